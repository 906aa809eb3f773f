-- One row per (source, underlying, ingest_run_id, days): volatility at the forward of a constant time to expiry.
with

priced_quotes as (
    from {{ ref('priced_quotes') }}
),

levels as (
    select *, total_variance(atm_forward_iv, years) as atm_variance
    from smile_levels('priced_quotes')
    where years > 0 and atm_forward_iv is not null
),

grid as (
    select unnest([7, 30, 60, 90, 180, 365]) as days
),

interpolated as (
    select
        source, underlying, ingest_run_id, days,
        variance_on(days / 365, years, atm_variance) as atm_variance,
        max(quoted_at) as quoted_at
    from levels
    cross join grid
    group by source, underlying, ingest_run_id, days
)

select
    source, underlying, ingest_run_id, days,
    vol_of(atm_variance, days / 365) as atm_iv_constant_maturity,
    quoted_at
from interpolated
