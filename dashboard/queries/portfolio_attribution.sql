-- One row per segment: why the portfolio's return is not its benchmark's.
select
    segment, weight, benchmark_weight, brinson_allocation, brinson_selection, brinson_interaction,
    portfolio_return, benchmark_return
from serving.portfolio_attribution
where portfolio = $portfolio and grouping = $grouping
order by weight desc, segment
