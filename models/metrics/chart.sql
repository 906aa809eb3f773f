-- One row per (series_id, ts): a final bar and the indicators that a chart shows beside it. Wide
-- and in order, because a chart asks for the newest few of half a million.
with

bars as (
    from {{ ref('bars') }}
),

returns as (
    from {{ ref('returns') }}
),

trend as (
    from {{ ref('trend') }}
),

volatility as (
    from {{ ref('volatility') }}
)

select
    series_id, bars.source, bars.symbol, bars.asset_class, bars.interval, ts, bars.end_ts,
    bars.session_date, bars.open, bars.high, bars.low, bars.close, bars.adj_close, bars.volume,
    bars.trade_count, bars.bar_vwap, returns.simple_return, returns.log_return,
    trend.sma_short as sma, trend.bb_upper, trend.bb_middle, trend.bb_lower,
    volatility.realized_vol, returns.periods_per_year, bars.split_adjusted_at, bars.ingest_run_id
from bars
inner join returns using (series_id, ts)
inner join trend using (series_id, ts)
inner join volatility using (series_id, ts)
order by series_id, ts
