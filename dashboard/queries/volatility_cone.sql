-- One row per length of window: the volatilities that such windows of days have had, and the newest.
select window_bars, least_vol, lower_vol, median_vol, upper_vol, greatest_vol, newest_vol
from serving.volatility_cones
where symbol = $symbol and interval = '1d'
order by window_bars
