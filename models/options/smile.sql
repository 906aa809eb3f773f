-- One row per (source, underlying, ingest_run_id, expires_at, strike): the volatility of a strike, quoted and fitted.
-- Out of the money, because early exercise hardly touches it; of European options both sides have their say there.
{{ config(post_hook='{{ create_surface_as_of() }}') }}
with

priced_quotes as (
    from {{ ref('priced_quotes') }}
),

svi_fits as (
    from {{ ref('svi_fits') }}
),

smiles as (
    from fitted_smile('priced_quotes', 'svi_fits')
)

select
    source,
    underlying,
    ingest_run_id,
    expires_at,
    expiry_on,
    years,
    strike,
    forward,
    log_moneyness,
    is_call,
    implied_vol,
    total_variance,
    svi_vol,
    svi_error,
    ssvi_vol,
    quoted_at
from smiles
