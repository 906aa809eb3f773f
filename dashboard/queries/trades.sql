-- One row per trade, newest first. Where the buyer made the market, a seller took it.
select ts, price, size, if(is_buyer_maker, 'sell', 'buy') as side
from serving.recent_trades
where symbol = $symbol and ts > now() - interval 15 minutes
order by trade_id desc
limit $limit
