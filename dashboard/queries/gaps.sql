-- One row per hole in the trade ids, newest first.
select detected_at, symbol, source, first_trade_id, last_trade_id, status, count_filled, reason
from meta.gaps
order by detected_at desc
limit $limit
