-- One row per (source, symbol, interval, ts): bars of 5m to 4h and weeks of crypto with their indicators. Final ones,
-- as of the build.
with

chart as (
    from {{ ref('chart') }}
    where asset_class = 'crypto' and interval <> '1m' and interval <> '1d'
),

charted as (
    select *, end_ts as as_of, true as is_final from chart
)

select
    source, symbol, asset_class, interval, ts, end_ts, as_of, session_date, open, high, low, close,
    adj_close, volume, trade_count, bar_vwap, is_final, simple_return, log_return, sma, bb_upper,
    bb_middle, bb_lower, realized_vol, periods_per_year, ingest_run_id
from charted
