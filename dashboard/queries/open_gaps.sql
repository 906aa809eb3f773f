-- One row per symbol of which trades are still to be fetched.
select source, symbol, count(*) as count_gaps, sum(last_trade_id - first_trade_id + 1)::bigint as count_trades
from meta.gaps
where status = 'open'
group by source, symbol
order by source, symbol
