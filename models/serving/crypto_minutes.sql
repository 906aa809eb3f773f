-- One row per (source, symbol, ts): minutes of crypto with their indicators, up to the open one. Final ones as stored;
-- only what came since is computed.
with

minutes as (
    from {{ ref('live_minutes') }}
),

chart as (
    from {{ ref('chart') }}
    where asset_class = 'crypto' and interval = '1m'
),

charted as (
    {%- set windows = [var('window_short'), var('bollinger_width'), var('window_volatility')] | join(', ') %}
    from charted_bars('minutes', {{ windows }})
    where not is_stored
    union all by name
    select *, end_ts as as_of, true as is_final from chart
)

select
    source, symbol, asset_class, interval, ts, end_ts, as_of, session_date, open, high, low, close,
    adj_close, volume, trade_count, bar_vwap, is_final, simple_return, log_return, sma, bb_upper,
    bb_middle, bb_lower, realized_vol, periods_per_year, ingest_run_id
from charted
