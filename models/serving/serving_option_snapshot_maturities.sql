-- One row per (source, underlying, ingest_run_id, days) of every chain: volatility of a constant time to expiry.
with

maturities as (
    from {{ ref('constant_maturity') }}
)

select source, underlying, ingest_run_id, days, atm_iv_constant_maturity, vix_style_index, quoted_at
from maturities
