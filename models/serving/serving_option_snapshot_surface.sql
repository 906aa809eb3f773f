-- One row per (source, underlying, ingest_run_id, expires_at, strike) of every chain: volatility, quoted and fitted.
with

smiles as (
    from {{ ref('smile') }}
)

select
    source, underlying, expiry_on, years, strike, forward, log_moneyness, is_call, implied_vol, quoted_at,
    expires_at, svi_vol, svi_error, ssvi_vol, ingest_run_id
from smiles
