-- One row per (source, symbol, interval, ts): sessions of equities up to the open one, and weeks, with indicators.
-- Final ones as stored, brought to the splits and dividends named since; only what came since is computed.
with

sessions as (
    from {{ ref('live_sessions') }}
),

stored as (
    from {{ ref('stored_bars') }}
    where asset_class = 'equity'
),

charted as (
    {%- set windows = [var('window_short'), var('bollinger_width'), var('window_volatility')] | join(', ') %}
    from charted_bars('sessions', {{ windows }})
    where not is_stored
    union all by name
    from stored
)

select
    source, symbol, asset_class, interval, ts, end_ts, as_of, session_date, open, high, low, close,
    adj_close, volume, trade_count, bar_vwap, is_final, simple_return, log_return, sma, bb_upper,
    bb_middle, bb_lower, realized_vol, periods_per_year, ingest_run_id
from charted
