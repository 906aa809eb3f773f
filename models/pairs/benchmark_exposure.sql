-- One row per (series_id, ts): trailing exposure to the benchmark of the asset class.
with

benchmark_returns as (
    from {{ ref('benchmark_returns') }}
)

select
    series_id,
    ts,
    benchmark,
    roll_beta(excess_return, benchmark_excess_return, {{ var('window_long') }}, series_id, ts) as rolling_beta,
    roll_correlation(simple_return, benchmark_return, {{ var('window_long') }}, series_id, ts) as rolling_correlation
from benchmark_returns
