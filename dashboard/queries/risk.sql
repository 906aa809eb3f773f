-- One row: the whole-sample performance and risk of a symbol, by its daily bars.
select *
from serving.latest_risk
where symbol = $symbol
