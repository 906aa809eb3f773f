-- One row per portfolio with a benchmark: what it earned beside it, over the sessions that both have.
{%- set rf = var('risk_free_rate') %}
with

benchmark as (
    from {{ ref('portfolio_benchmark_bars') }}
),

years as (
    select symbol, any_value(benchmark) as benchmark, min(periods_per_year) as benchmark_ppy
    from benchmark group by symbol
),

-- The year of a comparison is that of whoever trades on fewer days.
bars as (
    select bars.* replace (least(periods_per_year, benchmark_ppy) as periods_per_year)
    from {{ ref('portfolio_bars') }} as bars
    inner join years using (symbol)
),

aggregated as (
    select
        symbol, bars_per_year as ppy,
        count(active_return) as n_obs,
        correlation(simple_return, benchmark_return) as correlation,
        beta(excess_return, benchmark_excess_return) as beta,
        jensen_alpha(excess_return, benchmark_excess_return, ppy) as jensen_alpha,
        pow(correlation(excess_return, benchmark_excess_return), 2) as r_squared,
        total_return(benchmark_return) as benchmark_return,
        tracking_error(active_return, ppy) as tracking_error,
        sharpe(active_return, ppy) as information_ratio,
        avg(excess_return) as mean_excess,
        geometric_mean_return(case when benchmark_return > 0 then simple_return end) as own_up,
        geometric_mean_return(case when benchmark_return > 0 then benchmark_return end) as up,
        geometric_mean_return(case when benchmark_return < 0 then simple_return end) as own_down,
        geometric_mean_return(case when benchmark_return < 0 then benchmark_return end) as down,
        batting_average_of(active_return) as batting_average
    from benchmark_pairs('bars', 'benchmark', {{ rf }}, null)
    group by symbol, ppy
)

select
    symbol as portfolio, years.benchmark, ppy as periods_per_year, n_obs, benchmark_return, correlation,
    beta, jensen_alpha, r_squared, tracking_error, information_ratio,
    treynor_of(mean_excess, beta, ppy) as treynor, capture_of(own_up, up) as up_capture,
    capture_of(own_down, down) as down_capture, batting_average
from aggregated
inner join years using (symbol)
