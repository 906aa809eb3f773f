-- One row per (source, symbol, ts): final sessions of equities, and what the vendor said since.
{{ config(materialized='view') }}
with

series as (
    from {{ ref('series') }}
    where asset_class = 'equity' and interval = '1d'
),

stored as (
    from {{ ref('equity_bars') }}
    where interval = '1d'
),

prices as (
    from {{ ref('equity_prices') }}
    where interval = '1d' and close is not null
),

stored_until as (
    select source, symbol, max(ts) as last_ts
    from stored
    group by source, symbol
),

newer as (
    select prices.*
    from prices
    left join stored_until using (source, symbol)
    where prices.ts > coalesce(stored_until.last_ts, '-infinity'::timestamptz)
),

united as (
    select
        source, symbol, session_date, ts, end_ts, open, high, low, close, adj_close, volume,
        true as is_final,
        ingest_run_id
    from stored
    union all
    select
        source, symbol, session_date, ts, end_ts, open, high, low, close, close, volume::double,
        is_final, ingest_run_id
    from newer
)

-- A literal interval: a filter on another one skips this whole part.
select
    source, symbol, 'equity' as asset_class, '1d' as interval, ts, end_ts, session_date, open, high,
    low,
    close, adj_close, volume, null::bigint as trade_count, null::double as bar_vwap, is_final,
    ingest_run_id,
    series.periods_per_year
from united
inner join series using (source, symbol)
