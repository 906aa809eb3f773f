"""Prices, newest metrics and bars of one series."""

LATEST_PRICE = """
select ts, price, trade_id, previous_close, change, is_live
from serving.latest_prices
where source = $source and symbol = $symbol
"""

LATEST_METRICS = """
select metric, value, unit, as_of, periods_per_year, ingest_run_id
from serving.latest_metrics
where source = $source and symbol = $symbol and interval = $interval
order by metric
"""

METRIC_INTERVALS = """
select distinct interval
from serving.latest_metrics
where source = $source and symbol = $symbol
order by interval
"""

METRIC_INTERVALS = """
select distinct interval
from serving.latest_metrics
where source = $source and symbol = $symbol
order by interval
"""

BARS = """
with

newest as (
    select
        ts, end_ts, as_of, session_date, open, high, low, close, adj_close, volume, trade_count, bar_vwap, is_final,
        simple_return, log_return, sma, bb_upper, bb_middle, bb_lower, realized_vol, periods_per_year, ingest_run_id
    from serving.bars
    where source = $source and symbol = $symbol and interval = $interval
    order by ts desc
    limit $limit
)

select *
from newest
order by ts
"""

# Of the whole live view: only asked when a series has no bar of an interval.
BAR_INTERVALS = """
select distinct interval
from serving.bars
where source = $source and symbol = $symbol
order by interval
"""
