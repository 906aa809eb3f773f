-- One row per ingest run, newest state. A live view of the ledger.
with

ingest_runs as (
    from {{ ref('ingest_runs') }}
)

select
    ingest_run_id, source, dataset, symbol, status, row_count, count_duplicates, count_ignored,
    count_dead_letters,
    message, started_at, updated_at, finished_at
from ingest_runs
