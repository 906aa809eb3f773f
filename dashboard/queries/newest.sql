-- One row: trailing volatility, performance and exposure as of the newest final bar of a series.
select
    ts, realized_vol, parkinson_vol, garman_klass_vol, rogers_satchell_vol, yang_zhang_vol, ewma_vol, garch11_vol,
    rolling_sharpe, rolling_sortino, rolling_win_rate, rolling_beta, rolling_correlation
from serving.metrics
where series_id = series_id_of($source, $symbol, $interval)
order by ts desc
limit 1
