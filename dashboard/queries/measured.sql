-- One row per metric that the newest final bars have.
select distinct metric
from serving.latest_metrics
order by metric
