-- One row per member, the heaviest first, and way of weighting: what is held, and what theory would hold.
with members as (
    select
        row_number() over (order by abs(weight) desc nulls last, source, symbol) as place,
        symbol, weight, risk_parity_weight, min_variance_weight, min_variance_ledoit_wolf, max_sharpe_weight
    from serving.portfolio_members
    where portfolio = $portfolio
    qualify place <= $members
)
select symbol, scheme, value
from (
    unpivot members
    on weight, risk_parity_weight, min_variance_weight, min_variance_ledoit_wolf, max_sharpe_weight
    into name scheme value value
)
order by place, scheme
