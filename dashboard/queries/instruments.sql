-- One row per symbol that has final bars: its asset class and the intervals it has, shortest first.
with series as (
    select source, symbol, asset_class, interval, any_value(periods_per_year) as periods_per_year
    from serving.latest_metrics
    group by source, symbol, asset_class, interval
)
select source, symbol, asset_class, list(interval order by periods_per_year desc) as intervals
from series
group by source, symbol, asset_class
order by asset_class, symbol
