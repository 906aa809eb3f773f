-- One row per (source, symbol): performance and risk of its whole daily history.
{{ config(materialized='table') }}
with

summary as (
    from {{ ref('summary') }}
),

exposure as (
    from {{ ref('benchmark_summary') }}
),

series as (
    from {{ ref('series') }}
    where interval = '1d'
)

select
    series.source,
    series.symbol,
    series.asset_class,
    series.interval,
    series.benchmark,
    summary.first_session_date,
    summary.session_date,
    summary.as_of,
    summary.n_obs,
    summary.periods_per_year,
    {{ var('risk_free_rate') }}::double as risk_free_rate,
    {{ var('var_confidence') }}::double as var_confidence,
    summary.total_return,
    summary.cagr,
    summary.annual_vol,
    summary.sharpe,
    summary.sharpe_se,
    summary.sortino,
    summary.calmar,
    summary.max_drawdown,
    summary.drawdown,
    summary.var_historical,
    summary.es_historical,
    summary.skewness_sample,
    summary.excess_kurtosis_sample,
    summary.win_rate,
    exposure.beta,
    exposure.jensen_alpha,
    exposure.correlation,
    summary.ingest_run_id
from summary
inner join series using (series_id)
left join exposure using (series_id)
