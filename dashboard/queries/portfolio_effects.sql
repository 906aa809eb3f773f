-- One row per segment, the heaviest first, and effect on the return beside the benchmark's.
with segments as (
    select
        row_number() over (order by weight desc, segment) as place,
        segment, brinson_allocation, brinson_selection, brinson_interaction
    from serving.portfolio_attribution
    where portfolio = $portfolio and grouping = $grouping
    qualify place <= $segments
)
select segment, effect, value
from (
    unpivot segments
    on brinson_allocation, brinson_selection, brinson_interaction
    into name effect value value
)
order by place, effect
