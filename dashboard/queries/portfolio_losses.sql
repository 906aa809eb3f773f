-- One row per member, the heaviest first, and measure of loss: what the member added to it on a day.
with members as (
    select
        row_number() over (order by abs(weight) desc nulls last, source, symbol) as place,
        symbol, component_var, component_es
    from serving.portfolio_members
    where portfolio = $portfolio
    qualify place <= $members
)
select symbol, measure, value
from (unpivot members on component_var, component_es into name measure value value)
order by place, measure
