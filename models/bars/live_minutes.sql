-- One row per (source, symbol, ts): final minutes of crypto, and newer ones from the ticks.
{{ config(materialized='view') }}
with

series as (
    from {{ ref('series') }}
    where interval = '1m'
),

stored as (
    from {{ ref('crypto_bars') }}
    where interval = '1m'
),

trade_bars as (
    from {{ ref('trade_bars') }}
    where date >= (now() at time zone 'UTC')::date - 1
),

stored_until as (
    select source, symbol, max(ts) as last_ts
    from stored
    group by source, symbol
),

newer as (
    select trade_bars.*
    from trade_bars
    left join stored_until using (source, symbol)
    where trade_bars.ts > coalesce(stored_until.last_ts, '-infinity'::timestamptz)
),

united as (
    select
        source, symbol, ts, end_ts, open, high, low, close, volume, trade_count, bar_vwap,
        true as is_final,
        ingest_run_id
    from stored
    union all
    select
        source, symbol, ts, end_ts, open, high, low, close, volume::double, trade_count,
        bar_vwap_of(quote_volume, volume)::double, is_final, ingest_run_id
    from newer
)

-- A literal interval: a filter on another one skips this whole part.
select
    source, symbol, 'crypto' as asset_class, '1m' as interval, ts, end_ts,
    (ts at time zone series.timezone)::date as session_date, open, high, low, close,
    close as adj_close, volume,
    trade_count, bar_vwap, is_final, ingest_run_id, series.periods_per_year
from united
inner join series using (source, symbol)
