-- One row per series_id: exposure to the benchmark of the asset class over the common history.
with

benchmark_returns as (
    from {{ ref('benchmark_returns') }}
),

series as (
    from {{ ref('series') }}
)

select
    series_id,
    benchmark_returns.benchmark,
    beta(excess_return, benchmark_excess_return) as beta,
    jensen_alpha(excess_return, benchmark_excess_return, series.periods_per_year) as jensen_alpha,
    correlation(simple_return, benchmark_return) as correlation
from benchmark_returns
inner join series using (series_id)
group by series_id, benchmark_returns.benchmark, series.periods_per_year
