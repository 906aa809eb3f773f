-- One row per violation of a rule that prices must keep: which rule, of which expiry and strike, and by how much.
with

priced_quotes as (
    from {{ ref('priced_quotes') }}
),

svi_fits as (
    from {{ ref('svi_fits') }}
),

violations as (
    from arbitrage_violations('priced_quotes')
    union all by name
    from fitted_violations('priced_quotes', 'svi_fits')
)

select source, underlying, ingest_run_id, expires_at, strike, is_call, rule, excess, quoted_at
from violations
