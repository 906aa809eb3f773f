-- One row per series_id: what it earned beside the benchmark of its asset class, over their common history.
{%- set rf = var('risk_free_rate') %}
with

series as (
    from {{ ref('series') }}
),

bars as (
    from {{ ref('final_bars') }}
),

benchmark as (
    from {{ ref('benchmark_bars') }}
),

explained as (
    from benchmark_residuals('bars', 'benchmark', {{ rf }}, null)
),

tested as (
    select source, symbol, interval, value as alpha_t_hac
    from alpha_t_hac('bars', 'benchmark', rf := {{ rf }})
),

aggregated as (
    select
        source,
        symbol,
        interval,
        bars_per_year as ppy,
        count(active_return) as n_obs,
        correlation(simple_return, benchmark_return) as correlation,
        beta(excess_return, benchmark_excess_return) as beta,
        jensen_alpha(excess_return, benchmark_excess_return, ppy) as jensen_alpha,
        jensen_alpha(excess_return, benchmark_excess_return, 1) as bar_alpha,
        pow(correlation(excess_return, benchmark_excess_return), 2) as r_squared,
        idiosyncratic_vol_of(residual, excess_return, ppy) as idiosyncratic_vol,
        tracking_error(active_return, ppy) as tracking_error,
        sharpe(active_return, ppy) as information_ratio,
        avg(excess_return) as mean_excess,
        sharpe(excess_return, ppy) as sharpe,
        annual_vol(benchmark_return, ppy) as benchmark_vol,
        avg(benchmark_excess_return) * ppy as benchmark_excess,
        geometric_mean_return(case when benchmark_return > 0 then simple_return end) as own_up,
        geometric_mean_return(case when benchmark_return > 0 then benchmark_return end) as up,
        geometric_mean_return(case when benchmark_return < 0 then simple_return end) as own_down,
        geometric_mean_return(case when benchmark_return < 0 then benchmark_return end) as down,
        batting_average_of(active_return) as batting_average
    from explained
    group by source, symbol, interval, bars_per_year
)

select
    series.series_id, series.benchmark, ppy as periods_per_year, n_obs, correlation, beta,
    jensen_alpha, alpha_geometric_of(bar_alpha, ppy) as alpha_geometric, tested.alpha_t_hac,
    r_squared, idiosyncratic_vol,
    appraisal_ratio_of(jensen_alpha, idiosyncratic_vol) as appraisal_ratio, tracking_error,
    information_ratio, treynor_of(mean_excess, beta, ppy) as treynor,
    m2_of(sharpe, benchmark_vol, rate_per_period({{ rf }}, ppy), ppy) as m2,
    m2_alpha_of(sharpe, benchmark_vol, benchmark_excess) as m2_alpha,
    capture_of(own_up, up) as up_capture, capture_of(own_down, down) as down_capture,
    batting_average
from aggregated
inner join series using (source, symbol, interval)
inner join tested using (source, symbol, interval)
