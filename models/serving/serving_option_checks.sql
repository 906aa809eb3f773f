-- One row per violation of a rule that prices must keep, in the newest chain of each underlying.
with

snapshots as (
    from {{ ref('snapshots') }}
    semi join {{ ref('newest_chains') }} using (source, underlying, ingest_run_id)
),

violations as (
    select source, underlying, ingest_run_id, unnest(violations, max_depth := 2)
    from snapshots
)

select source, underlying, ingest_run_id, expires_at, strike, is_call, rule, excess, quoted_at
from violations
