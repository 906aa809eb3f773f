-- One row per month or weekday: what its days returned in the mean, and whether chance explains it.
select period_value, mean_return, median_return, deviation, season_win_rate, t_stat, n_obs
from serving.seasonality
where symbol = $symbol and interval = '1d' and period = $period
order by period_value
