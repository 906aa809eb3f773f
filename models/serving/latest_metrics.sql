-- One row per (source, symbol, interval, metric): its value on the newest final bar.
{{ config(materialized='table') }}
with

returns as (
    from {{ ref('returns') }}
),

bars as (
    from {{ ref('bars') }}
),

volatility as (
    from {{ ref('volatility') }}
),

trend as (
    from {{ ref('trend') }}
),

drawdowns as (
    from {{ ref('drawdown') }}
),

performance as (
    from {{ ref('performance') }}
),

exposure as (
    from {{ ref('benchmark_exposure') }}
),

catalog as (
    from {{ ref('catalog') }}
),

newest as (
    select
        series_id, source, symbol, asset_class, interval, ts, end_ts as as_of, periods_per_year,
        simple_return, log_return, excess_return
    from returns
    qualify row_number() over (partition by series_id order by ts desc) = 1
),

-- Whatever columns the metric models have: a new metric needs no edit here.
wide as (
    select
        newest.* exclude (series_id, ts),
        bars.ingest_run_id,
        volatility.* exclude (series_id, ts),
        trend.* exclude (series_id, ts),
        drawdowns.* exclude (series_id, ts, has_return),
        performance.* exclude (series_id, ts),
        exposure.* exclude (series_id, ts, benchmark)
    from newest
    inner join bars using (series_id, ts)
    left join volatility using (series_id, ts)
    left join trend using (series_id, ts)
    left join drawdowns using (series_id, ts)
    left join performance using (series_id, ts)
    left join exposure using (series_id, ts)
),

long as (
    from wide
    unpivot include nulls (
        value for metric in (
            columns(* exclude (source, symbol, asset_class, interval, as_of, periods_per_year, ingest_run_id))
        )
    )
)

select
    long.source, long.symbol, long.asset_class, long.interval, metric, long.value, units.unit,
    long.as_of,
    long.periods_per_year, long.ingest_run_id
from long
inner join (select distinct metric, unit from catalog) as units using (metric)
