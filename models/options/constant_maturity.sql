-- One row per (source, underlying, ingest_run_id, days): volatility of a constant time to expiry.
with

expiries as (
    select
        *, total_variance(atm_forward_iv, years) as atm_variance, total_variance(model_free_vol, years) as free_variance
    from {{ ref('term_structure') }}
    where years > 0
),

grid as (
    select unnest([7, 30, 60, 90, 180, 365]) as days
),

interpolated as (
    select
        source, underlying, ingest_run_id, days,
        variance_on(days / 365, case when atm_variance is not null then years end, atm_variance) as atm_variance,
        variance_on(days / 365, case when free_variance is not null then years end, free_variance) as free_variance,
        max(quoted_at) as quoted_at
    from expiries
    cross join grid
    group by source, underlying, ingest_run_id, days
)

select
    source, underlying, ingest_run_id, days,
    vol_of(atm_variance, days / 365) as atm_iv_constant_maturity,
    vol_of(free_variance, days / 365) as vix_style_index,
    quoted_at
from interpolated
