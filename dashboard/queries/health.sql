-- One row per series: how old, against what is promised.
select dataset, symbol, source, is_stale, age_seconds, promised_seconds, last_event_at, last_fetched_at
from serving.health
order by is_stale desc, dataset, symbol
