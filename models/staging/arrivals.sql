-- One row per (source, dataset, symbol): when its newest row happened and when it reached us.
with

-- Two days are enough to tell fresh from stale, and what is not in the tail was there at the build. The
-- newest trade tells, not the one that came last: a fill or an archive brings old ones.
trades as (
    select source, 'trades' as dataset, symbol, max(ts) as last_event_at,
    arg_max(fetched_at, ts) as last_fetched_at
    from {{ source('raw', 'trades_tail') }}
    where date >= (now() at time zone 'UTC')::date - 1
        and (date + to_hours(hour)) >= trades_boundary() at time zone 'UTC'
    group by source, symbol
),

-- What the build saw, and what arrived within two days: the rest of the record is not read.
newest_rows as (
    from {{ ref('newest_rows') }}
),

klines as (
    select source, 'klines' as dataset, symbol, max(ts) as last_event_at,
    max(fetched_at) as last_fetched_at
    from {{ source('raw', 'klines') }}
    where fetched_at >= now() - interval 2 day and ts >= now() - interval 2 day
    group by source, symbol
),

equities as (
    select source, 'equities' as dataset, symbol, max(ts) as last_event_at,
    max(fetched_at) as last_fetched_at
    from {{ source('raw', 'equities') }}
    where fetched_at >= now() - interval 2 day and is_pull_since(filename, now() - interval 2 day)
    group by source, symbol
),

options as (
    select
        source,
        'options' as dataset,
        underlying as symbol,
        max(quoted_at) as last_event_at,
        max(fetched_at) as last_fetched_at
    from {{ source('raw', 'options') }}
    where date >= options_since() and date >= (now() at time zone 'UTC')::date - 30
    group by source, underlying
),

united as (
    select source, dataset, symbol, last_event_at, last_fetched_at from trades
    union all
    select source, dataset, symbol, last_event_at, last_fetched_at from newest_rows
    union all
    select source, dataset, symbol, last_event_at, last_fetched_at from klines
    union all
    select source, dataset, symbol, last_event_at, last_fetched_at from equities
    union all
    select source, dataset, symbol, last_event_at, last_fetched_at from options
)

select
    source,
    dataset,
    symbol,
    max(last_event_at) as last_event_at,
    max(last_fetched_at) as last_fetched_at
from united
group by source, dataset, symbol
