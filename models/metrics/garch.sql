-- One row per series_id of days and weeks: the GARCH(1,1) model of its log returns.
with

bars as (
    from {{ ref('final_bars') }}
    where not is_within_day(interval)
),

rates as (
    select source, symbol, interval, any_value(periods_per_year) as periods_per_year
    from bars
    group by source, symbol, interval
),

fitted as (
    from garch11('bars')
)

select
    series_id_of(source, symbol, interval) as series_id,
    rates.periods_per_year,
    mu as garch11_mu,
    omega as garch11_omega,
    alpha as garch11_alpha,
    beta as garch11_beta,
    loglik as garch11_loglik,
    persistence as garch11_persistence,
    garch11_long_run_vol_of(omega, persistence, rates.periods_per_year) as garch11_long_run_vol
from fitted
inner join rates using (source, symbol, interval)
