-- One row per (source, dataset, symbol): how old its newest row is, against what is promised.
with

arrivals as (
    from {{ ref('arrivals') }}
),

promises as (
    from {{ source('config', 'promises') }}
),

instruments as (
    from {{ source('config', 'instruments') }}
),

expected as (
    select source, unnest(['trades', 'klines']) as dataset, symbol
    from instruments
    where asset_class = 'crypto'
    union all
    select source, 'equities' as dataset, symbol
    from instruments
    where asset_class = 'equity'
    union all
    select instruments.source, 'options' as dataset, instruments.symbol
    from instruments
    inner join {{ source('config', 'dividend_yields') }} as yields on yields.underlying = instruments.symbol
),

matched as (
    select
        expected.*,
        arrivals.last_event_at,
        arrivals.last_fetched_at,
        epoch(now() - arrivals.last_fetched_at) as age_seconds
    from expected
    left join arrivals using (source, dataset, symbol)
)

select
    source,
    dataset,
    symbol,
    last_event_at,
    last_fetched_at,
    age_seconds,
    promised_seconds,
    coalesce(age_seconds > promised_seconds, true) as is_stale
from matched
inner join promises using (dataset)
