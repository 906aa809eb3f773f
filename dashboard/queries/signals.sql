-- One row per event, newest first.
select
    end_ts, symbol, interval, direction, rule, explanation, close, past_hit_rate, past_events,
    source
from serving.recent_signals
order by end_ts desc, signal_id
limit $limit
