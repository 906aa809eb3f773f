-- One row per series_id of days and weeks: the GARCH(1,1) model of its log returns.
with

fits as (
    from {{ ref('garch_fits') }}
),

series as (
    from {{ ref('series') }}
)

select
    series_id,
    series.periods_per_year,
    mu as garch11_mu,
    omega as garch11_omega,
    alpha as garch11_alpha,
    beta as garch11_beta,
    loglik as garch11_loglik,
    persistence as garch11_persistence,
    garch11_long_run_vol_of(omega, persistence, series.periods_per_year) as garch11_long_run_vol
from fits
inner join series using (series_id)
