-- One row per alert about the data that stands now, the newest first.
select rule, symbol, source, ts, explanation
from serving.recent_signals
where kind = 'data'
order by ts desc, rule, symbol
limit $limit
