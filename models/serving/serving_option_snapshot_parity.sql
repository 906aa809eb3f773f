-- One row per (source, underlying, ingest_run_id, expires_at, strike) quoted on both sides: how parity holds.
with

parity as (
    from {{ ref('parity') }}
)

select
    source, underlying, ingest_run_id, expires_at, strike, is_american, put_call_parity_residual, least_gap,
    greatest_gap, lower_bound, upper_bound, breach, is_violation, quoted_at
from parity
