-- One row per way in which the members are grouped for the attribution.
select distinct grouping
from serving.portfolio_attribution
where portfolio = $portfolio
order by grouping
