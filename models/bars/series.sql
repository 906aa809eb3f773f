-- One row per series: a symbol of the configuration at one interval, and how to annualise it.
with

instruments as (
    from {{ source('config', 'instruments') }}
),

asset_classes as (
    from {{ source('config', 'asset_classes') }}
),

intervals as (
    select 'crypto' as asset_class, unnest(['1m', '5m', '15m', '1h', '4h', '1d', '1w']) as interval
    union all
    select 'equity', unnest(['1d', '1w'])
)

select
    series_id_of(source, symbol, interval) as series_id,
    source,
    symbol,
    asset_class,
    interval,
    periods_per_year(days_per_year, minutes_per_day, interval) as periods_per_year,
    benchmark,
    timezone,
    final_grace_seconds
from instruments
inner join asset_classes using (asset_class)
inner join intervals using (asset_class)
