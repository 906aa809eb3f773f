-- One row per (portfolio, session_date): a portfolio as the bar of a symbol, so that every formula takes it.
{{ config(materialized='view') }}
with

returns as (
    from {{ ref('portfolio_returns') }}
)

select
    'portfolio' as source,
    portfolio as symbol,
    '1d' as interval,
    session_date::timestamp at time zone 'UTC' as ts,
    session_date,
    index_of(wealth) as close,
    index_of(wealth) as adj_close,
    periods_per_year
from returns
where wealth is not null
