-- One row per lag: how much of a log return follows from the one so many bars before; chance alone would stay
-- within `chance` of 0.
select
    lag, autocorrelation, partial_autocorrelation,
    autocorrelation_bound_of(tests.n_obs, $confidence) as chance
from serving.autocorrelations
left join serving.series_tests as tests using (source, symbol, interval)
where symbol = $symbol and interval = $interval
order by lag
