-- One row per rule, symbol and interval that has events: what they can be filtered by.
select rule, symbol, interval, count(*) as count_events, max(end_ts) as newest_at
from serving.final_signals
group by all
order by all
