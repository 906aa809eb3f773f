-- One row per range of trade ids that was missed: the open ones first, then the newest.
select
    detected_at, symbol, source, status, first_trade_id, last_trade_id,
    last_trade_id - first_trade_id + 1 as count_trades, reason, fetched_at as checked_at
from meta.gaps
order by status <> 'open', detected_at desc, first_trade_id
limit $limit
