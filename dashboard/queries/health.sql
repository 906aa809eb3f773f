-- One row per series: how old, against what is promised; drawn up to half as much again.
select
    dataset, symbol, source, is_stale, age_seconds, promised_seconds, last_event_at, last_fetched_at,
    concat_ws(' ', dataset, symbol) as series,
    least(coalesce(age_seconds / nullif(promised_seconds, 0), 1.5), 1.5) as shown
from serving.health
order by is_stale desc, dataset, symbol
