-- One row per (source, underlying, ingest_run_id, expiry_on): the volatility at the forward.
with

smile as (
    from {{ ref('smile') }}
),

neighbours as (
    select
        source,
        underlying,
        ingest_run_id,
        expiry_on,
        any_value(years) as years,
        any_value(forward) as forward,
        max(log_moneyness) filter (log_moneyness < 0) as below,
        min(log_moneyness) filter (log_moneyness >= 0) as above,
        max_by(total_variance, log_moneyness) filter (log_moneyness < 0) as variance_below,
        min_by(total_variance, log_moneyness) filter (log_moneyness >= 0) as variance_above,
        count(*) as count_strikes,
        max(quoted_at) as quoted_at,
        max(fetched_at) as fetched_at
    from smile
    group by source, underlying, ingest_run_id, expiry_on
)

select
    source,
    underlying,
    ingest_run_id,
    expiry_on,
    years,
    forward,
    atm_vol_of(below, variance_below, above, variance_above, years) as atm_vol,
    count_strikes,
    quoted_at,
    fetched_at
from neighbours
