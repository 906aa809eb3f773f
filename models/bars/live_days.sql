-- One row per (source, symbol, ts): the newest final days of crypto, and what the exchange said
-- since.
{{ config(materialized='view') }}
with

series as (
    from {{ ref('series') }}
    where asset_class = 'crypto' and interval = '1d'
),

stored as (
    from {{ ref('tails') }}
    where asset_class = 'crypto' and interval = '1d'
),

klines as (
    from {{ ref('klines') }}
    where interval = '1d'
),

stored_until as (
    select source, symbol, max(ts) as last_ts
    from stored
    group by source, symbol
),

newer as (
    select klines.*
    from klines
    left join stored_until using (source, symbol)
    where klines.ts > coalesce(stored_until.last_ts, '-infinity'::timestamptz)
),

united as (
    select
        source, symbol, ts, end_ts, open, high, low, close, volume, trade_count, bar_vwap,
        true as is_final, true as is_stored, fetched_at, ingest_run_id
    from stored
    union all
    select
        source, symbol, ts, end_ts, open::double, high::double, low::double, close::double,
        volume::double, trade_count, bar_vwap_of(quote_volume, volume)::double, is_final,
        false as is_stored, fetched_at, ingest_run_id
    from newer
)

-- A literal interval: a filter on another one skips this whole part.
select
    source, symbol, 'crypto' as asset_class, '1d' as interval, ts, end_ts,
    case when is_final then end_ts else least(end_ts, fetched_at) end as as_of,
    (ts at time zone series.timezone)::date as session_date, open, high, low, close,
    close as adj_close, volume, trade_count, bar_vwap, is_final, is_stored, ingest_run_id,
    series.periods_per_year
from united
inner join series using (source, symbol)
