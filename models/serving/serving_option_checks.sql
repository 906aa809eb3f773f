-- One row per violation of a rule that prices must keep, in the newest chain of each underlying.
with

option_quotes as (
    from {{ ref('serving_option_quotes') }}
),

svi_fits as (
    from {{ ref('svi_fits') }}
    semi join option_quotes using (source, underlying, ingest_run_id)
),

violations as (
    from arbitrage_violations('option_quotes')
    union all by name
    from fitted_violations('option_quotes', 'svi_fits')
)

select source, underlying, ingest_run_id, expires_at, strike, is_call, rule, excess, quoted_at
from violations
