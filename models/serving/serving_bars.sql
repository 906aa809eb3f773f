-- One row per (source, symbol, interval, ts): bars with their indicators, of 1m and 1d up to the open bar. Planning all
-- of it takes longer than reading it: who knows the asset class and the interval asks one of the four.
with

charted as (
    from {{ ref('crypto_minutes') }}
    union all by name
    from {{ ref('crypto_days') }}
    union all by name
    from {{ ref('serving_coarse_crypto_bars') }}
    union all by name
    from {{ ref('serving_equity_bars') }}
)

select
    source, symbol, asset_class, interval, ts, end_ts, as_of, session_date, open, high, low, close,
    adj_close, volume, trade_count, bar_vwap, is_final, simple_return, log_return, sma, bb_upper,
    bb_middle, bb_lower, realized_vol, periods_per_year, ingest_run_id
from charted
