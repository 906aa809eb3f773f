-- One row per (source, symbol) with daily bars: whether its rolling correlations are stored.
{{ config(materialized='view') }}
with

series as (
    from {{ ref('series') }}
    where interval = '1d'
),

members as (
    select distinct source, symbol from {{ source('config', 'portfolio_members') }}
),

ordered as (
    select
        series_id, source, symbol,
        row_number() over (order by members.symbol is null, source, symbol) as place
    from series
    left join members using (source, symbol)
)

select
    series_id, source, symbol, place,
    place <= {{ var('rolling_pair_symbols') }} as is_included,
    case when not is_included
         then 'beyond the first ' || {{ var('rolling_pair_symbols') }} || ' symbols: raise metrics.'
              || 'rolling_pair_symbols in config.yaml, or ask rolling_correlation_pair of its bars' end as reason
from ordered
