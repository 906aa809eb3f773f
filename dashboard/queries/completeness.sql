-- One row per symbol and day, newest first: whether each trade id is stored, once.
select
    date, symbol, source, row_count, first_trade_id, last_trade_id, count_missing, count_absent, count_open,
    count_unexplained, count_duplicates
from meta.completeness
order by date desc, symbol, source
limit $limit
