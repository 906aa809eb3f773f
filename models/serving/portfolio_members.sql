-- One row per (portfolio, source, symbol): what a member weighs, what it added, what theory would give it.
with

contributions as (
    from {{ ref('contributions') }}
),

optimal as (
    from {{ ref('optimal_weights') }}
),

holdings as (
    from {{ ref('holdings') }}
),

members as (
    from {{ source('config', 'portfolio_members') }}
)

select
    portfolio, source, symbol, members.asset_class, members.sector, contributions.mean_weight,
    holdings.weight, holdings.risk_contribution, contributions.contribution_carino,
    contributions.component_var, contributions.component_es, optimal.min_variance_weight,
    optimal.min_variance_ledoit_wolf, optimal.risk_parity_weight, optimal.max_sharpe_weight, optimal.kelly_multi
from contributions
inner join members using (portfolio, source, symbol)
left join holdings using (portfolio, source, symbol)
left join optimal using (portfolio, source, symbol)
