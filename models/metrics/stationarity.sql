-- One row per series_id: tests of whether returns depend on each other, and whether the price comes back.
{{ config(materialized='incremental', incremental_strategy='append', pre_hook='{{ forget_stale() }}') }}
with

histories as (
    from {{ ref('histories') }}
),

bars as (
    from {{ ref('final_bars') }}
    where {{ is_lacking() }}
),

-- The tests that a function in Python makes: of days and weeks.
days as (
    from bars where not is_within_day(interval)
),

ljung_box as (
    select *, ljung_box_of(rho, n_obs) as statistic from autocorrelation_lists('bars', 10)
),

durbin as (
    from durbin_watson('bars')
),

kpss as (
    from kpss('bars', null, 'c')
),

phillips as (
    from phillips_perron('bars', null, 'c')
),

dickey as (
    from dickey_fuller_tests('days', null, 'c', null)
),

engle as (
    from arch_lm_tests('days', 5)
),

halves as (
    from half_life('bars')
),

hurst as (
    from hurst_slopes('bars', [16, 32, 64, 128, 256])
),

lagged as (
    from hurst_lagged_std('bars')
)

select
    histories.series_id, ljung_box.n_obs,
    ljung_box.statistic as ljung_box_stat,
    chi_squared_sf(ljung_box.statistic, 10) as ljung_box_pvalue,
    durbin.value as durbin_watson,
    dickey.statistic as adf_stat,
    mackinnon_pvalue_of(dickey.statistic, mackinnon_surface('c')) as adf_pvalue,
    phillips.statistic as phillips_perron_stat,
    mackinnon_pvalue_of(phillips.statistic, mackinnon_surface('c')) as phillips_perron_pvalue,
    kpss.statistic as kpss_stat,
    kpss_pvalue_of(kpss.statistic, kpss_critical('c')) as kpss_pvalue,
    engle.statistic as arch_lm_stat,
    chi_squared_sf(engle.statistic, 5) as arch_lm_pvalue,
    halves.value as half_life, hurst.measured as hurst_rs,
    hurst_corrected_of(hurst.measured, hurst.expected) as hurst_rs_corrected,
    lagged.value as hurst_lagged_std, histories.history
from ljung_box
inner join histories using (source, symbol, interval)
inner join durbin using (source, symbol, interval)
inner join kpss using (source, symbol, interval)
inner join phillips using (source, symbol, interval)
inner join halves using (source, symbol, interval)
inner join hurst using (source, symbol, interval)
inner join lagged using (source, symbol, interval)
left join dickey using (source, symbol, interval)
left join engle using (source, symbol, interval)
