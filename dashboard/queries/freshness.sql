-- One row: the series that is furthest behind its promise.
select source, dataset, symbol, last_event_at, last_fetched_at, age_seconds, promised_seconds, is_stale
from serving.health
where dataset = $dataset and ($symbol is null or symbol = $symbol)
order by is_stale desc, age_seconds desc nulls first
limit 1
