-- One row per symbol: the newest price and its change against the previous daily close.
select source, symbol, asset_class, ts, price, previous_close, change, is_live
from serving.latest_prices
order by asset_class, symbol
