"""Prices and newest metrics of one series, and which intervals it has."""

LATEST_PRICE = """
select ts, price, trade_id, previous_close, change, is_live
from serving.{relation}
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

# Of the whole live view: only asked when a series has no bar of an interval.
BAR_INTERVALS = """
select distinct interval
from serving.bars
where source = $source and symbol = $symbol
order by interval
"""
