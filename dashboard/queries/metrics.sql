-- One row per metric of one series: its newest final value and what the catalogue says about it.
select m.metric, m.interval, m.value, m.unit, m.as_of, c.description, c.formula, c.source
from serving.latest_metrics as m
left join meta.catalog as c using (metric)
where m.symbol = $symbol and m.interval = $interval
qualify row_number() over (partition by m.metric order by c.relation) = 1
order by m.metric
