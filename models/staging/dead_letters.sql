-- One row per frame that could not be read, with the bytes as they came.
with

received as (
    from {{ source('raw', 'dead_letters') }}
)

select source, dataset, frame, reason, fetched_at, ingest_run_id, date
from received
