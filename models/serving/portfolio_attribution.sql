-- One row per (portfolio, grouping, segment): why the portfolio's return is not its benchmark's.
with

attribution as (
    from {{ ref('attribution') }}
),

portfolios as (
    from {{ source('config', 'portfolios') }}
)

select
    portfolio, portfolios.benchmark, attribution.grouping, attribution.segment, attribution.weight,
    attribution.benchmark_weight, attribution.brinson_allocation, attribution.brinson_selection,
    attribution.brinson_interaction, attribution.portfolio_return, attribution.benchmark_return
from attribution
inner join portfolios using (portfolio)
