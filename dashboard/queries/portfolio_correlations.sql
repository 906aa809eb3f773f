-- One row per pair of members, in both orders: how alike they moved. Of many members the heaviest.
with heaviest as (
    select source, symbol, row_number() over (order by abs(mean_weight) desc, source, symbol) as place
    from serving.portfolio_members
    where portfolio = $portfolio
    qualify place <= $members
)
select
    pairs.a, pairs.b, pairs.correlation_pair, pairs.spearman_pair, pairs.count_common, pairs.first_on,
    pairs.last_on
from serving.portfolio_correlations as pairs
inner join heaviest as of_a on of_a.source = pairs.source_a and of_a.symbol = pairs.a
inner join heaviest as of_b on of_b.source = pairs.source_b and of_b.symbol = pairs.b
where pairs.portfolio = $portfolio
order by of_a.place, of_b.place
