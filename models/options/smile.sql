-- One row per (source, underlying, ingest_run_id, expires_at, strike): the volatility of a strike, quoted and fitted.
-- Out of the money, because early exercise hardly touches it; of European options both sides have their say there.
{{ config(post_hook='{{ create_surface_as_of() }}') }}
with

snapshots as (
    from {{ ref('snapshots') }}
)

select source, underlying, ingest_run_id, unnest(smile, max_depth := 2)
from snapshots
