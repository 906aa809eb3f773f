-- One row per (source, underlying, expires_at, strike) of the newest chain: volatility, quoted and fitted.
with

snapshots as (
    from {{ ref('snapshots') }}
    semi join {{ ref('newest_chains') }} using (source, underlying, ingest_run_id)
),

smiles as (
    select source, underlying, ingest_run_id, unnest(smile, max_depth := 2)
    from snapshots
)

select
    source, underlying, expiry_on, years, strike, forward, log_moneyness, is_call, implied_vol, quoted_at,
    expires_at, svi_vol, svi_error, ssvi_vol, ingest_run_id
from smiles
