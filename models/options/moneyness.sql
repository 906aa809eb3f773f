-- One row per (source, underlying, ingest_run_id, expires_at, moneyness): the smile on a grid of strike / forward.
with

priced_quotes as (
    from {{ ref('priced_quotes') }}
),

grid as (
    from moneyness_grid('priced_quotes')
)

select source, underlying, ingest_run_id, expires_at, expiry_on, years, moneyness, strike, implied_vol, quoted_at
from grid
