-- One row per member, the heaviest first: what it weighs, what it added to return and risk, and what theory
-- would give it.
select
    '/price?symbol=' || url_encode(symbol) || '&interval=1d' as price, symbol, source, asset_class, sector,
    weight, mean_weight, contribution_carino, risk_contribution, component_var, component_es,
    min_variance_weight, min_variance_ledoit_wolf, risk_parity_weight, max_sharpe_weight, kelly_multi
from serving.portfolio_members
where portfolio = $portfolio
order by abs(weight) desc nulls last, source, symbol
