-- One row per violation of a rule that prices must keep: which rule, of which expiry and strike, and by how much.
with

snapshots as (
    from {{ ref('snapshots') }}
)

select source, underlying, ingest_run_id, unnest(violations, max_depth := 2)
from snapshots
