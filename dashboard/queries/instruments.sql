-- One row per symbol that has final bars: its asset class and the intervals it has.
select source, symbol, asset_class, list(distinct interval order by interval desc) as intervals
from serving.latest_metrics
group by source, symbol, asset_class
order by asset_class, symbol
