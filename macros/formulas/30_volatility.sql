-- Volatility: annualised standard deviation of log returns, and its estimators from high and low.

-- A standard deviation per bar, per year. Unit: 1 (0.2 = 20 %).
create or replace macro annualise(deviation, ppy) as finite_or_null(deviation * sqrt(ppy));

-- Sample standard deviation of a group; exactly 0 when all are equal, NULL for fewer than two.
create or replace macro sample_std(x) as
    case when count(x) > 1 and max(x) = min(x) then 0.0::double else stddev_samp(x) end;

-- Close-to-close volatility, mean removed, annualised. Unit: 1. 0 for constant prices; NULL for
-- fewer than two returns
-- or a window that is not full. Source: Hull, Options, Futures and Other Derivatives, ch. 15.
create or replace macro realized_vol(log_return, ppy) as annualise(sample_std(log_return), ppy);
create or replace macro roll_realized_vol(log_return, n, ppy, series, ts) as
    annualise(roll_std(log_return, n, series, ts), ppy);

-- Bars from the start of the bar before to the start of this one: more than 1 after absent bars of an
-- interval within the day; 1 for a daily bar, whose nights and weekends are no time. Unit: bars.
create or replace macro elapsed_bars_of(bar_interval, ts, previous_ts, end_ts) as
    case when bar_interval = '1d' and previous_ts is not null then 1.0::double
         when bar_interval <> '1d' then epoch(ts - previous_ts) / nullif(epoch(end_ts - ts), 0) end;

-- Volatility within the day: the returns of the last n bars, squared, per year that they took,
-- annualised; no mean is removed. Unit: 1. NULL if fewer than 90 % of the bars are there, because a
-- return across a hole is no bar's return. Source: Andersen et al. (2003), Econometrica 71(2).
create or replace macro intraday_vol_of(mean_square, mean_elapsed_bars, ppy) as
    case when 0.9 * mean_elapsed_bars <= 1 + 1e-12
         then annualise(sqrt(mean_square / nullif(mean_elapsed_bars, 0)), ppy) end;
create or replace macro roll_intraday_vol(log_return, elapsed_bars, n, ppy, series, ts) as
    intraday_vol_of(
        roll_avg(log_return * log_return, n, series, ts), roll_avg(elapsed_bars, n, series, ts), ppy
    );

-- Volatility of the last n bars of any interval: from returns and time within the day, else from
-- returns alone.
create or replace macro roll_interval_vol(log_return, elapsed_bars, bar_interval, n, ppy, series, ts) as
    case when bar_interval = '1d' then roll_realized_vol(log_return, n, ppy, series, ts)
         else roll_intraday_vol(log_return, elapsed_bars, n, ppy, series, ts) end;

-- Variance of one bar seen through its range. Unit: 1 per bar. NULL unless high >= low > 0.
create or replace macro parkinson_variance_of(high, low) as
    case when low > 0 and high >= low then finite_or_null(pow(ln_or_null(high / low), 2) / (4 * ln(2))) end;

-- Parkinson volatility, annualised; unadjusted high and low of the same bar. Unit: 1.
-- Source: Parkinson (1980), J. Business 53(1).
create or replace macro parkinson_vol(high, low, ppy) as
    annualise(sqrt(avg(parkinson_variance_of(high, low))), ppy);
create or replace macro roll_parkinson_vol(high, low, n, ppy, series, ts) as
    annualise(sqrt(roll_avg(parkinson_variance_of(high, low), n, series, ts)), ppy);

-- Variance of one bar from range and body. Unit: 1 per bar; may be negative for a single bar.
create or replace macro garman_klass_variance_of(open, high, low, close) as
    case when low > 0 and high >= greatest(open, close) and low <= least(open, close)
         then finite_or_null(
             0.5 * pow(ln_or_null(high / low), 2) - (2 * ln(2) - 1) * pow(ln_or_null(close / open), 2)
         ) end;

-- Garman-Klass volatility, annualised. Unit: 1. NULL where the mean variance is negative.
-- Source: Garman and Klass (1980), J. Business 53(1).
create or replace macro garman_klass_vol_of(variance, ppy) as
    case when variance >= 0 then annualise(sqrt(variance), ppy) end;
create or replace macro garman_klass_vol(open, high, low, close, ppy) as
    garman_klass_vol_of(avg(garman_klass_variance_of(open, high, low, close)), ppy);
create or replace macro roll_garman_klass_vol(open, high, low, close, n, ppy, series, ts) as
    garman_klass_vol_of(roll_avg(garman_klass_variance_of(open, high, low, close), n, series, ts), ppy);

comment on macro annualise is 'standard deviation per bar times sqrt(bars per year)';
comment on macro sample_std is 'sample standard deviation; 0 if constant, NULL for fewer than two';
comment on macro realized_vol is 'sample standard deviation of log returns, annualised';
comment on macro roll_realized_vol is 'sample standard deviation of the last n log returns, annualised';
comment on macro elapsed_bars_of is 'bars of time since the bar before; 1 for a daily bar';
comment on macro intraday_vol_of is 'annualised root of mean squared return over mean elapsed bars; NULL if a tenth is absent';
comment on macro roll_intraday_vol is 'root of squared log returns per elapsed year; NULL if a tenth of the bars is absent';
comment on macro roll_interval_vol is 'trailing volatility: by elapsed time within the day, else by bars';
comment on macro parkinson_variance_of is 'ln(high / low)^2 / (4 ln 2)';
comment on macro parkinson_vol is 'volatility from the range of each bar, annualised';
comment on macro roll_parkinson_vol is 'volatility from the range of the last n bars, annualised';
comment on macro garman_klass_variance_of is 'ln(high / low)^2 / 2 - (2 ln 2 - 1) ln(close / open)^2';
comment on macro garman_klass_vol_of is 'annualised square root; NULL for a negative variance';
comment on macro garman_klass_vol is 'volatility from range and body of each bar, annualised';
comment on macro roll_garman_klass_vol is 'volatility from range and body of the last n bars, annualised';
