-- One row per (portfolio, source, symbol): what a member weighs, what it added, what theory would give it.
with

contributions as (
    from {{ ref('contributions') }}
),

optimal as (
    from {{ ref('optimal_weights') }}
),

members as (
    from {{ source('config', 'portfolio_members') }}
)

select
    portfolio, source, symbol, members.asset_class, members.sector, contributions.mean_weight,
    contributions.last_weight, contributions.contribution_carino, contributions.risk_contribution,
    contributions.component_var, contributions.component_es, optimal.min_variance_weight,
    optimal.min_variance_ledoit_wolf, optimal.risk_parity_weight, optimal.max_sharpe_weight, optimal.kelly_multi
from contributions
inner join members using (portfolio, source, symbol)
left join optimal using (portfolio, source, symbol)
