-- One row per (source, underlying): the chain of it that was fetched last.
with

chains as (
    select
        source, underlying, ingest_run_id,
        max(quoted_at) as quoted_at, max(fetched_at) as fetched_at
    from {{ ref('forwards') }}
    group by source, underlying, ingest_run_id
)

select
    source,
    underlying,
    arg_max(ingest_run_id, {'fetched_at': fetched_at, 'ingest_run_id': ingest_run_id}) as ingest_run_id,
    arg_max(quoted_at, {'fetched_at': fetched_at, 'ingest_run_id': ingest_run_id}) as quoted_at
from chains
group by source, underlying
