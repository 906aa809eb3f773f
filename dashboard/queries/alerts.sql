-- One row per event, newest first; what is wrong with the data now is among them. `chart` leads to its candles.
select
    signal_id, end_ts, symbol, interval, direction, rule, explanation, close, past_hit_rate, past_events, source,
    '/price?symbol=' || url_encode(symbol) || coalesce('&interval=' || interval, '') as chart
from serving.recent_signals
order by end_ts desc, signal_id
limit $limit
