-- One row per ingest run, newest first.
select
    updated_at, dataset, symbol, source, status, row_count, count_duplicates, count_ignored,
    count_dead_letters, message, started_at, finished_at, ingest_run_id
from meta.ingest_runs
order by updated_at desc
limit $limit
