-- One row per (source, symbol, interval, ts): bars with their indicators, up to the open bar.
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

charted as (
    {%- set windows = [var('window_short'), var('bollinger_width'), var('window_volatility')] | join(', ') %}
    from charted_bars('minutes', {{ windows }})
    union all
    from charted_bars('days', {{ windows }})
    union all
    from charted_bars('sessions', {{ windows }})
)

select
    source, symbol, asset_class, interval, ts, end_ts, session_date, open, high, low, close,
    adj_close, volume,
    trade_count, bar_vwap, is_final, simple_return, log_return, sma, bb_upper, bb_middle, bb_lower,
    realized_vol,
    periods_per_year, ingest_run_id
from charted
