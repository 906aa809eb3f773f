-- One row per (source, underlying, ingest_run_id, expiry_on, strike): the volatility of the out-of-the-money side.
-- Out of the money, because early exercise hardly touches it: American puts in the money are off by volatility points.
with

priced_quotes as (
    from {{ ref('priced_quotes') }}
)

select
    source,
    underlying,
    ingest_run_id,
    expiry_on,
    years,
    strike,
    forward,
    log_moneyness,
    is_call,
    implied_vol,
    total_variance(implied_vol, years) as total_variance,
    quoted_at,
    fetched_at
from priced_quotes
where implied_vol is not null and is_out_of_the_money(is_call, strike, forward)
