-- One row per ingest run: its newest state. A run that lives says so every five minutes.
with

reported as (
    from {{ source('raw', 'runs') }}
)

select
    ingest_run_id,
    source,
    dataset,
    symbol,
    case when status = 'running' and updated_at < now() - interval 15 minute then 'died' else status end as status,
    row_count,
    count_duplicates,
    count_ignored,
    count_dead_letters,
    message,
    started_at,
    updated_at,
    finished_at
from reported
qualify row_number() over (
    partition by ingest_run_id, dataset, symbol order by updated_at desc,
    finished_at desc nulls last
) = 1
