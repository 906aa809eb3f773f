-- One row per point of the lines of one member's trailing correlation with each other one.
-- Of many the heaviest.
with others as (
    select source, symbol, row_number() over (order by abs(mean_weight) desc, source, symbol) as place
    from serving.portfolio_members
    where portfolio = $portfolio and symbol <> $member
    qualify place <= $lines
),
points as (
    select
        session_date::timestamp at time zone 'UTC' as ts, pairs.b as series,
        pairs.rolling_correlation_pair as value
    from serving.rolling_correlations as pairs
    inner join others on others.source = pairs.source_b and others.symbol = pairs.b
    semi join (
        select source, symbol from serving.portfolio_members where portfolio = $portfolio and symbol = $member
    ) as chosen on chosen.source = pairs.source_a and chosen.symbol = pairs.a
    where pairs.a = $member
)
select ts, series, value
from m4('points', $stretches)
order by series, ts
