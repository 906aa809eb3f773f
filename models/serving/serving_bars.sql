-- One row per (source, symbol, interval, ts): bars with their indicators, of 1m and 1d up to the open bar. Final
-- bars as stored; only what came since is computed, from the newest stored bars on.
with

minutes as (
    from {{ ref('live_minutes') }}
),

days as (
    from {{ ref('live_days') }}
),

sessions as (
    from {{ ref('live_sessions') }}
),

stored as (
    from {{ ref('stored_bars') }}
),

charted as (
    {%- set windows = [var('window_short'), var('bollinger_width'), var('window_volatility')] | join(', ') %}
    select * exclude (is_stored) from charted_bars('minutes', {{ windows }}) where not is_stored
    union all by name
    select * exclude (is_stored) from charted_bars('days', {{ windows }}) where not is_stored
    union all by name
    select * exclude (is_stored, splits, later_dividends)
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
