-- One row per (source, symbol, interval, ts) of the benchmark of each series, keyed by the series compared with it.
with

series as (
    from {{ ref('series') }}
),

bars as (
    from {{ ref('bars') }}
)

select series.source, series.symbol, series.interval, bars.ts, bars.adj_close, series.benchmark
from series
inner join bars
    on bars.source = series.source
    and bars.symbol = series.benchmark
    and bars.interval = series.interval
