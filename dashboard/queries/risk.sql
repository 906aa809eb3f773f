-- One row: the whole-sample risk figures of a symbol.
select
    source, symbol, benchmark, first_session_date, session_date, as_of, n_obs, periods_per_year,
    risk_free_rate, var_confidence, total_return, cagr, annual_vol, sharpe, sharpe_se, sortino, calmar,
    max_drawdown, drawdown, var_historical, es_historical, skewness_sample, excess_kurtosis_sample,
    win_rate, beta, jensen_alpha, correlation
from serving.latest_risk
where symbol = $symbol
