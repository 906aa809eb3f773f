-- One row per (series_id, ts): every final bar, all sources in one shape. What every formula reads.
{{ config(materialized='view') }}
with

crypto as (
    from {{ ref('crypto_bars') }}
),

equity as (
    from {{ ref('equity_bars') }}
),

coarse_crypto as (
    from {{ ref('coarse_crypto_bars') }}
),

coarse_equity as (
    from {{ ref('coarse_equity_bars') }}
)

select
    series_id, source, symbol, asset_class, interval, ts, end_ts, session_date, open, high, low,
    close, adj_close, volume, trade_count, bar_vwap, origin, null::timestamptz as split_adjusted_at,
    fetched_at, ingest_run_id
from crypto
union all
select
    series_id, source, symbol, asset_class, interval, ts, end_ts, session_date, open, high, low,
    close, adj_close, volume, trade_count, bar_vwap, origin, null::timestamptz as split_adjusted_at,
    fetched_at, ingest_run_id
from coarse_crypto
union all
select
    series_id, source, symbol, asset_class, interval, ts, end_ts, session_date, open, high, low,
    close, adj_close, volume, trade_count, bar_vwap, origin, split_adjusted_at, fetched_at,
    ingest_run_id
from equity
union all
select
    series_id, source, symbol, asset_class, interval, ts, end_ts, session_date, open, high, low,
    close, adj_close, volume, trade_count, bar_vwap, origin, split_adjusted_at, fetched_at,
    ingest_run_id
from coarse_equity
