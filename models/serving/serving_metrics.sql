-- One row per (source, symbol, interval, ts): every metric that is stored of a final bar. As of the build.
-- Ask for one series by its key, `series_id = series_id_of(source, symbol, interval)`: as a constant it reaches every
-- table below, a symbol does not. Of a long series ask for a range of ts: a limit is applied after all joins.
with

bars as (
    select
        series_id, source, symbol, asset_class, interval, ts, end_ts, session_date, open, high, low, close,
        adj_close, volume, simple_return, log_return, periods_per_year, ingest_run_id
    from {{ ref('chart') }}
),

trend as (from {{ ref('trend') }}),
averages as (from {{ ref('averages') }}),
macd as (from {{ ref('macd') }}),
channels as (from {{ ref('channels') }}),
ranges as (from {{ ref('ranges') }}),
directional as (from {{ ref('directional') }}),
paths as (from {{ ref('paths') }}),
oscillators as (from {{ ref('oscillators') }}),
momentum as (from {{ ref('momentum') }}),
flows as (from {{ ref('volume') }}),
volatility as (from {{ ref('volatility') }}),
range_volatility as (from {{ ref('range_volatility') }}),
garch as (from {{ ref('garch_vol') }}),
performance as (from {{ ref('performance') }}),
drawdowns as (from {{ ref('drawdown') }}),
exposure as (from {{ ref('benchmark_exposure') }})

-- Whatever columns the metric models have: a new metric needs no edit here.
select
    bars.*,
    trend.* exclude (series_id, ts),
    averages.* exclude (series_id, ts),
    macd.* exclude (series_id, ts),
    channels.* exclude (series_id, ts),
    ranges.* exclude (series_id, ts),
    directional.* exclude (series_id, ts),
    paths.* exclude (series_id, ts, history),
    oscillators.* exclude (series_id, ts),
    momentum.* exclude (series_id, ts),
    flows.* exclude (series_id, ts),
    volatility.* exclude (series_id, ts),
    range_volatility.* exclude (series_id, ts),
    garch.* exclude (series_id, ts, history),
    performance.* exclude (series_id, ts),
    drawdowns.* exclude (series_id, ts, has_return),
    exposure.* exclude (series_id, ts, benchmark)
from bars
left join trend using (series_id, ts)
left join averages using (series_id, ts)
left join macd using (series_id, ts)
left join channels using (series_id, ts)
left join ranges using (series_id, ts)
left join directional using (series_id, ts)
left join paths using (series_id, ts)
left join oscillators using (series_id, ts)
left join momentum using (series_id, ts)
left join flows using (series_id, ts)
left join volatility using (series_id, ts)
left join range_volatility using (series_id, ts)
left join garch using (series_id, ts)
left join performance using (series_id, ts)
left join drawdowns using (series_id, ts)
left join exposure using (series_id, ts)
