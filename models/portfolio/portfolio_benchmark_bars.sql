-- One row per (portfolio, ts) of the benchmark of each portfolio, under the portfolio's name, by session date.
{{ config(materialized='view') }}
with

portfolios as (
    from {{ source('config', 'portfolios') }}
),

bars as (
    select source, symbol, session_date, adj_close, periods_per_year
    from {{ ref('final_bars') }}
    where interval = '1d'
    union all
    select source, symbol, session_date, adj_close, periods_per_year
    from {{ ref('portfolio_bars') }}
)

select
    'portfolio' as source,
    portfolios.portfolio as symbol,
    '1d' as interval,
    bars.session_date::timestamp at time zone 'UTC' as ts,
    bars.session_date,
    bars.adj_close,
    bars.periods_per_year,
    portfolios.benchmark
from portfolios
inner join bars on bars.source = portfolios.benchmark_source and bars.symbol = portfolios.benchmark
