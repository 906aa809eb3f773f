-- One row per series_id: the Sharpe ratio of its whole history, and how far it can be trusted.
{{ config(materialized='incremental', incremental_strategy='append', pre_hook='{{ forget_stale() }}') }}
with

histories as (
    from {{ ref('histories') }}
),

returns as (
    from {{ ref('returns') }}
    where {{ is_lacking() }}
),

sampled as (
    select
        series_id,
        periods_per_year,
        max(end_ts) as as_of,
        count(excess_return) as n_obs,
        sharpe(excess_return, periods_per_year) as sharpe,
        sharpe_se(excess_return, periods_per_year) as sharpe_se,
        sharpe(excess_return, 1.0::double) as bar_sharpe,
        skewness_biased(excess_return) as skew,
        3 + excess_kurtosis_biased(excess_return) as kurtosis,
        list(excess_return order by ts) filter (excess_return is not null) as sample
    from returns
    group by series_id, periods_per_year
),

averaged as (
    select *, list_avg(sample) as mean
    from sampled
),

centred as (
    select *, deviations_from(sample, mean) as deviations
    from averaged
),

-- One worthless strategy of this sample stands for the variance among ten trials.
tried as (
    select
        *,
        autocorrelations_of(deviations, least(10, len(sample) - 1)) as rho,
        expected_best_sharpe(10, sharpe_variance_of(bar_sharpe, skew, kurtosis) / nullif(n_obs - 1, 0)) as luck
    from centred
)

select
    series_id, periods_per_year, as_of, true as is_final, n_obs, sharpe, sharpe_se,
    sharpe_low_of(sharpe, sharpe_se, {{ var('sharpe_confidence') }}) as sharpe_low,
    sharpe_high_of(sharpe, sharpe_se, {{ var('sharpe_confidence') }}) as sharpe_high,
    sharpe_lo_adjusted_of(bar_sharpe, rho, periods_per_year) as sharpe_lo_adjusted,
    probabilistic_sharpe_of(bar_sharpe, 0, n_obs, skew, kurtosis) as probabilistic_sharpe,
    probabilistic_sharpe_of(bar_sharpe, luck, n_obs, skew, kurtosis) as deflated_sharpe,
    min_track_record_length_of(bar_sharpe, 0, {{ var('sharpe_confidence') }}, skew, kurtosis)
    as min_track_record_length,
    histories.history
from tried
inner join histories using (series_id)
