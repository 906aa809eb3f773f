-- One row per (source, dataset, symbol): the newest row that the build saw, so that no live query
-- reads the whole record for it.
{{ config(materialized='table') }}
with

-- Older than yesterday's are stale in any case.
trades as (
    select source, 'trades' as dataset, symbol, max(ts) as last_event_at,
    arg_max(fetched_at, ts) as last_fetched_at
    from {{ ref('trades') }}
    where date >= (now() at time zone 'UTC')::date - 1
    group by source, symbol
),

klines as (
    select source, 'klines' as dataset, symbol, max(ts) as last_event_at,
    arg_max(fetched_at, ts) as last_fetched_at
    from {{ source('raw', 'klines') }}
    group by source, symbol
),

equities as (
    select source, 'equities' as dataset, symbol, max(ts) as last_event_at,
    max(fetched_at) as last_fetched_at
    from {{ source('raw', 'equities') }}
    group by source, symbol
)

select source, dataset, symbol, last_event_at, last_fetched_at from trades
union all
select source, dataset, symbol, last_event_at, last_fetched_at from klines
union all
select source, dataset, symbol, last_event_at, last_fetched_at from equities
