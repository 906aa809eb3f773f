-- One row per (source, underlying, ingest_run_id, expires_at, strike): the volatility of a strike.
-- Out of the money, because early exercise hardly touches it; of European options both sides have their say there.
with

priced_quotes as (
    from {{ ref('priced_quotes') }}
),

smiles as (
    from smile('priced_quotes')
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
    quoted_at
from smiles
