-- One row per (source, symbol, interval, ts): every final bar, as each metric macro takes it. As of the build.
with

bars as (
    from {{ ref('bars') }}
),

series as (
    from {{ ref('series') }}
)

select
    series_id, series.source, series.symbol, series.asset_class, series.interval, bars.ts,
    bars.end_ts, bars.session_date, bars.open, bars.high, bars.low, bars.close, bars.adj_close,
    bars.volume, bars.trade_count, bars.bar_vwap, series.periods_per_year, bars.ingest_run_id
from bars
inner join series using (series_id)
