"""Events of the rules."""

SIGNALS = """
select
    signal_id, rule, kind, source, symbol, asset_class, interval, ts, end_ts, direction, close, value, threshold,
    explanation, is_of_price, next_return, past_events, past_hit_rate, past_mean_return
from serving.recent_signals
where
    ($symbol::varchar is null or symbol = $symbol)
    and ($source::varchar is null or source = $source)
    and ($rule::varchar is null or rule = $rule)
    and ($kind::varchar is null or kind = $kind)
    and ($interval::varchar is null or interval = $interval)
    and ($direction::varchar is null or direction = $direction)
    and ($since::timestamptz is null or end_ts >= $since)
order by end_ts desc, ts desc, rule, source, symbol, interval, signal_id
limit $limit
"""

RULES = """
select rule
from serving.signal_rules
order by rule
"""
