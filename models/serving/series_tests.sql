-- One row per (source, symbol, interval): whether returns depend on each other, whether the price comes back, and the
-- GARCH(1,1) model of days and weeks.
with

series as (
    from {{ ref('series') }}
),

tests as (
    from {{ ref('stationarity') }}
),

models as (
    select * exclude (periods_per_year) from {{ ref('garch') }}
)

select
    source, symbol, interval, series.periods_per_year, n_obs, ljung_box_stat, ljung_box_pvalue, durbin_watson,
    adf_stat, adf_pvalue, phillips_perron_stat, phillips_perron_pvalue, kpss_stat, kpss_pvalue, arch_lm_stat,
    arch_lm_pvalue, half_life, hurst_rs, hurst_rs_corrected, hurst_lagged_std, garch11_mu, garch11_omega,
    garch11_alpha, garch11_beta, garch11_loglik, garch11_persistence, garch11_long_run_vol
from tests
inner join series using (series_id)
left join models using (series_id)
