-- One row per (source, underlying, expires_at, strike) of the newest chain: volatility, quoted and fitted.
with

option_quotes as (
    from {{ ref('serving_option_quotes') }}
),

svi_fits as (
    from {{ ref('svi_fits') }}
),

smiles as (
    from fitted_smile('option_quotes', 'svi_fits')
)

select
    source, underlying, expiry_on, years, strike, forward, log_moneyness, is_call, implied_vol, quoted_at,
    expires_at, svi_vol, svi_error, ssvi_vol, ingest_run_id
from smiles
