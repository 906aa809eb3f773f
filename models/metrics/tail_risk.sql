-- One row per series_id: losses that are rare, the shape of the returns, and the stake that they bear.
{{ config(materialized='incremental', incremental_strategy='append', pre_hook='{{ forget_stale() }}') }}
{%- set confidence = var('var_confidence') %}
{%- set rf = var('risk_free_rate') %}
with

histories as (
    from {{ ref('histories') }}
),

drawdowns as (
    from {{ ref('drawdown') }}
),

observed as (
    select *, case when drawdowns.has_return then drawdowns.drawdown end as observed_drawdown
    from {{ ref('returns') }}
    inner join drawdowns using (series_id, ts)
    where {{ is_lacking() }}
),

edges as (
    select
        series_id,
        var_historical(simple_return, {{ confidence }}) as var_historical,
        lower_order_statistic(observed_drawdown, {{ confidence }}) as drawdown_edge
    from observed
    group by series_id
),

aggregated as (
    select
        series_id,
        periods_per_year,
        max(end_ts) as as_of,
        count(simple_return) as n_obs,
        avg(simple_return) as mean,
        sample_std(simple_return) as deviation,
        skewness_biased(simple_return) as skewness,
        excess_kurtosis_biased(simple_return) as excess_kurtosis,
        skewness_sample(simple_return) as skewness_sample,
        excess_kurtosis_sample(simple_return) as excess_kurtosis_sample,
        any_value(var_historical) as var_historical,
        es_historical(simple_return, var_historical) as es_historical,
        any_value(drawdown_edge) as drawdown_edge,
        avg(case when has_return then least(drawdown - drawdown_edge, 0) end) as mean_beyond,
        tail_ratio(simple_return, {{ confidence }}) as tail_ratio,
        kelly_discrete_of(win_rate(simple_return), payoff_ratio(simple_return)) as kelly_discrete,
        kelly_continuous_of(avg(excess_return), sample_std(excess_return)) as kelly_continuous,
        list(excess_return order by ts) filter (excess_return is not null) as sample,
        min(simple_return) as worst,
        max(simple_return) as best
    from observed
    inner join edges using (series_id)
    group by series_id, periods_per_year
)

select
    series_id, periods_per_year, as_of, true as is_final, n_obs, var_historical, es_historical,
    var_parametric_of(mean, deviation, {{ confidence }}) as var_parametric,
    es_parametric_of(mean, deviation, {{ confidence }}) as es_parametric,
    var_cornish_fisher_of(mean, deviation, skewness, excess_kurtosis, {{ confidence }}) as var_cornish_fisher,
    es_cornish_fisher_of(mean, deviation, skewness, excess_kurtosis, {{ confidence }}) as es_cornish_fisher,
    tail_mean_of(drawdown_edge, mean_beyond, {{ confidence }}) as cdar, tail_ratio, skewness,
    skewness_sample, excess_kurtosis, excess_kurtosis_sample,
    jarque_bera_of(skewness, excess_kurtosis, n_obs) as jarque_bera, kelly_discrete,
    kelly_continuous,
    kelly_exact_log_of(sample, rate_per_period({{ rf }}, periods_per_year), worst, best) as kelly_exact_log,
    histories.history
from aggregated
inner join histories using (series_id)
