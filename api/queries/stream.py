"""What a stream tells: the newest rows of the same relations that /bars, /metrics and /signals read."""

BARS = """
select * exclude (source, symbol, asset_class, interval)
from serving.bars
where source = $source and symbol = $symbol and interval = $interval and ts >= $since::timestamptz
order by ts desc
limit $limit
"""

ALERTS = """
select * exclude (source, symbol)
from serving.recent_signals
where source = $source and symbol = $symbol and end_ts >= $since::timestamptz
order by end_ts desc, signal_id desc
limit $limit
"""
