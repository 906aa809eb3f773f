-- One row per event, newest first.
select end_ts, symbol, interval, direction, rule, explanation, close, source
from serving.recent_signals
order by end_ts desc, signal_id
limit $limit
