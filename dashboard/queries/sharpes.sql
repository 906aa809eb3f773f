-- One row per symbol: its Sharpe ratio with the ends of its confidence interval; the chosen one comes first.
select symbol, sharpe, sharpe_low, sharpe_high, symbol = $symbol as is_chosen
from serving.latest_risk
where sharpe is not null
order by is_chosen desc, sharpe desc
limit $limit
