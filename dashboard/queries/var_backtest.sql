-- One row: how often, and how far apart, daily losses were worse than the value at risk known before them.
select *
from serving.var_backtests
where symbol = $symbol and interval = '1d'
