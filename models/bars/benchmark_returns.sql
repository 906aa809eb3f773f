-- One row per (series_id, ts) at which its benchmark has a bar too: both returns over the same
-- span.
{{ config(tags=['cross_section']) }}
with

bars as (
    from {{ ref('bars') }}
),

series as (
    from {{ ref('series') }}
),

-- Prices are joined first and returns taken after: a day that one of them misses would misalign
-- returns.
paired as (
    select
        series.series_id,
        series.benchmark,
        series.periods_per_year,
        bars.ts,
        previous(bars.adj_close, series.series_id, bars.ts) as previous_price,
        bars.adj_close as price,
        previous(benchmark_bars.adj_close, series.series_id, bars.ts) as previous_benchmark_price,
        benchmark_bars.adj_close as benchmark_price
    from bars
    inner join series using (series_id)
    inner join bars as benchmark_bars
        on benchmark_bars.source = series.source
        and benchmark_bars.symbol = series.benchmark
        and benchmark_bars.interval = series.interval
        and benchmark_bars.ts = bars.ts
),

earned as (
    select
        *,
        simple_return_of(price, previous_price) as simple_return,
        simple_return_of(benchmark_price, previous_benchmark_price) as benchmark_return,
        excess_return_of(simple_return, {{ var('risk_free_rate') }}, periods_per_year) as excess_return,
        excess_return_of(benchmark_return, {{ var('risk_free_rate') }}, periods_per_year) as benchmark_excess_return
    from paired
)

select
    series_id,
    ts,
    benchmark,
    simple_return,
    benchmark_return,
    excess_return,
    benchmark_excess_return
from earned
