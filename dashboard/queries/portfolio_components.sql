-- One row per strong component and member: what it weighs in what moves them all.
-- Of many members the heaviest.
with heaviest as (
    select source, symbol, row_number() over (order by abs(mean_weight) desc, source, symbol) as place
    from serving.portfolio_members
    where portfolio = $portfolio
    qualify place <= $members
)
select component, symbol, pca_loading, pca_explained
from serving.portfolio_components as components
inner join heaviest using (source, symbol)
where components.portfolio = $portfolio and component <= $components
order by component, place
