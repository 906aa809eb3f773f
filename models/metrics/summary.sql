-- One row per series_id: performance and risk of its whole history.
with

returns as (
    from {{ ref('returns') }}
),

drawdowns as (
    from {{ ref('drawdown') }}
),

quantiles as (
    select series_id, var_historical(simple_return, {{ var('var_confidence') }}) as var_historical
    from returns
    group by series_id
),

joined as (
    select *
    from returns
    inner join drawdowns using (series_id, ts)
    inner join quantiles using (series_id)
),

aggregated as (
    select
        series_id,
        periods_per_year,
        min(session_date) as first_session_date,
        max(session_date) as session_date,
        max(end_ts) as as_of,
        count(simple_return) as n_obs,
        total_return(simple_return) as total_return,
        cagr(simple_return, periods_per_year) as cagr,
        annual_vol(simple_return, periods_per_year) as annual_vol,
        sharpe(excess_return, periods_per_year) as sharpe,
        sharpe_se(excess_return, periods_per_year) as sharpe_se,
        downside_deviation(excess_return, periods_per_year) as downside_deviation,
        sortino(excess_return, periods_per_year) as sortino,
        max_drawdown(drawdown) as max_drawdown,
        arg_max(drawdown, ts) as drawdown,
        any_value(var_historical) as var_historical,
        es_historical(simple_return, var_historical) as es_historical,
        skewness_sample(simple_return) as skewness_sample,
        excess_kurtosis_sample(simple_return) as excess_kurtosis_sample,
        win_rate(simple_return) as win_rate,
        arg_max(ingest_run_id, ts) as ingest_run_id
    from joined
    group by series_id, periods_per_year
)

select
    series_id, periods_per_year, first_session_date, session_date, as_of, n_obs, total_return, cagr,
    annual_vol,
    sharpe, sharpe_se, downside_deviation, sortino, calmar_of(cagr, max_drawdown) as calmar,
    max_drawdown, drawdown,
    var_historical, es_historical, skewness_sample, excess_kurtosis_sample, win_rate, ingest_run_id
from aggregated
