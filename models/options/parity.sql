-- One row per (source, underlying, ingest_run_id, expires_at, strike) quoted on both sides: how parity holds.
with

priced_quotes as (
    from {{ ref('priced_quotes') }}
),

checked as (
    from parity_checks('priced_quotes')
)

select
    source, underlying, ingest_run_id, expires_at, strike, is_american, residual as put_call_parity_residual,
    least_gap, greatest_gap, lower_bound, upper_bound, breach, is_violation, quoted_at
from checked
