-- One row per violation of a rule that prices must keep, in every chain that is kept.
with

violations as (
    from {{ ref('arbitrage') }}
)

select source, underlying, ingest_run_id, expires_at, strike, is_call, rule, excess, quoted_at
from violations
