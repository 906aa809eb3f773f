"""What a stream tells: the newest rows of the same relations that /bars, /metrics and /signals read.

Most of what a live view costs is planning, so one statement asks for all symbols that are listened to.
"""

PRICES = """
select source, symbol, ts, price, trade_id, previous_close, change, is_live
from serving.{relation}
where list_contains($symbols, symbol)
"""

BARS = """
select * exclude (asset_class, interval)
from serving.{relation}
where interval = $interval and ts >= $since::timestamptz and list_contains($symbols, symbol)
order by ts desc
"""

BARS_OF_ONE = """
select * exclude (source, symbol, asset_class, interval)
from serving.{relation}
where source = $source and symbol = $symbol and interval = $interval and ts >= $since::timestamptz
order by ts desc
limit $limit
"""

ALERTS = """
select *
from serving.recent_signals
where end_ts >= $since::timestamptz and list_contains($symbols, symbol)
order by end_ts desc, signal_id desc
"""

ALERTS_OF_ONE = """
select * exclude (source, symbol)
from serving.recent_signals
where source = $source and symbol = $symbol and end_ts >= $since::timestamptz
order by end_ts desc, signal_id desc
limit $limit
"""
