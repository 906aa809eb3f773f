-- Risk of simple returns. Value at risk, expected shortfall and drawdown are returns: negative is a
-- loss.

-- Distance from the highest wealth so far. Unit: 1, -1 to 0. Rounding at an exact recovery counts
-- as recovered.
create or replace macro drawdown_of(wealth, peak) as
    case when wealth / nullif(peak, 0) - 1 > -1e-12 then 0.0::double else wealth / nullif(peak, 0) - 1 end;

-- Drawdown of a series of prices (or wealth) at each bar, measured from its first bar on. Unit: 1,
-- -1 to 0.
create or replace macro drawdown(wealth, series, ts) as
    drawdown_of(wealth, running_max(wealth, series, ts));

-- The worst drawdown of a group. Unit: 1, -1 to 0.
create or replace macro max_drawdown(drawdowns) as min(drawdowns);

-- Historical value at risk at `confidence` in (0, 1): type-7 quantile of the returns at 1 -
-- confidence. Unit: 1.
create or replace macro var_historical(r, confidence) as quantile_cont(r, 1 - confidence);

-- The same from the n bars before this one: what was known when the bar began. Unit: 1.
create or replace macro roll_var_historical(r, confidence, n, series, ts) as
    previous_quantile(r, 1 - confidence, n, series, ts);

-- Historical expected shortfall: mean of the returns not above the value at risk. Unit: 1; at most
-- the value at risk.
-- Source: Acerbi and Tasche (2002), J. Banking and Finance 26(7).
create or replace macro es_historical(r, value_at_risk) as
    avg(case when r <= value_at_risk then r end);

-- Slope and intercept (per year) of excess return on the benchmark's excess return. Units: 1; 1 per
-- year.
-- NULL when the benchmark is constant. Sources: Sharpe (1964), J. Finance 19(3); Jensen (1968), J.
-- Finance 23(2).
create or replace macro beta(excess_return, benchmark_excess_return) as
    case when max(benchmark_excess_return) > min(benchmark_excess_return)
         then finite_or_null(regr_slope(excess_return, benchmark_excess_return)) end;
create or replace macro jensen_alpha(excess_return, benchmark_excess_return, ppy) as
    case when max(benchmark_excess_return) > min(benchmark_excess_return)
         then finite_or_null(regr_intercept(excess_return, benchmark_excess_return) * ppy) end;
create or replace macro roll_beta(excess_return, benchmark_excess_return, n, series, ts) as
    roll_slope(excess_return, benchmark_excess_return, n, series, ts);

-- Pearson correlation of two returns. Unit: 1, -1 to 1. NULL when either is constant.
create or replace macro correlation(r, other) as
    case when max(r) > min(r) and max(other) > min(other) then finite_or_null(corr(r, other)) end;
create or replace macro roll_correlation(r, other, n, series, ts) as
    roll_corr(r, other, n, series, ts);

-- Sample skewness G1 and sample excess kurtosis G2. Unit: 1. NULL when constant, or for fewer than
-- 3 or 4 returns.
-- Source: Joanes and Gill (1998), The Statistician 47(1).
create or replace macro skewness_sample(r) as
    case when max(r) > min(r) and count(r) > 2 then finite_or_null(skewness(r)) end;
create or replace macro excess_kurtosis_sample(r) as
    case when max(r) > min(r) and count(r) > 3 then finite_or_null(kurtosis(r)) end;

comment on macro drawdown_of is 'wealth / peak - 1; 0 within 1e-12 of the peak';
comment on macro drawdown is 'distance from the highest value so far';
comment on macro max_drawdown is 'the worst of the drawdowns';
comment on macro var_historical is 'type-7 quantile of returns at 1 - confidence; negative is a loss';
comment on macro roll_var_historical is 'type-7 quantile of the n returns before this bar at 1 - confidence';
comment on macro es_historical is 'mean of the returns not above the value at risk';
comment on macro beta is 'least-squares slope of excess returns on the benchmark excess returns';
comment on macro jensen_alpha is 'least-squares intercept of excess returns, times bars per year';
comment on macro roll_beta is 'beta of the last n bars';
comment on macro correlation is 'Pearson correlation of returns';
comment on macro roll_correlation is 'Pearson correlation of the last n returns';
comment on macro skewness_sample is 'bias-corrected skewness G1';
comment on macro excess_kurtosis_sample is 'bias-corrected excess kurtosis G2';
