-- Volatility from open, high, low and close of each bar, unadjusted: the range says more than the two ends.
-- A bar whose high or low does not enclose its open and close is an error: NULL, and so is every window
-- that holds it.

-- A variance per bar as volatility per year. Unit: 1 (0.2 = 20 %). NULL where the variance is negative.
create or replace macro annual_root_of(variance, ppy) as
    case when variance >= 0 then annualise(sqrt(variance), ppy) end;

-- Whether high and low enclose what is known of open and close.
create or replace macro encloses(open, high, low, close) as
    low > 0 and high >= greatest(open, close, low) and low <= least(open, close, high);

-- Variance of one bar seen through its range. Unit: 1 per bar. NULL unless high >= low > 0.
create or replace macro parkinson_variance_of(high, low) as
    case when low > 0 and high >= low and isfinite(high / low) then pow(ln(high / low), 2) / (4 * ln(2)) end;

-- Parkinson volatility, annualised; unadjusted high and low of the same bar. Unit: 1.
-- Source: Parkinson (1980), J. Business 53(1).
create or replace macro parkinson_vol_of(mean_variance, ppy) as annual_root_of(mean_variance, ppy);
create or replace macro parkinson_vol(high, low, ppy) as
    parkinson_vol_of(avg(parkinson_variance_of(high, low)), ppy);
create or replace macro roll_parkinson_vol(high, low, n, ppy, series, ts) as
    parkinson_vol_of(roll_avg(parkinson_variance_of(high, low), n, series, ts), ppy);

-- Variance of one bar from range and body. Unit: 1 per bar; may be negative for a single bar.
create or replace macro garman_klass_variance_of(open, high, low, close) as
    case when low > 0 and high >= greatest(open, close) and low <= least(open, close) and isfinite(high / low)
         then 0.5 * pow(ln(high / low), 2) - (2 * ln(2) - 1) * pow(ln(close / open), 2) end;

-- Garman-Klass volatility, annualised. Unit: 1. NULL where the mean variance is negative.
-- Source: Garman and Klass (1980), J. Business 53(1).
create or replace macro garman_klass_vol_of(variance, ppy) as annual_root_of(variance, ppy);
create or replace macro garman_klass_vol(open, high, low, close, ppy) as
    garman_klass_vol_of(avg(garman_klass_variance_of(open, high, low, close)), ppy);
create or replace macro roll_garman_klass_vol(open, high, low, close, n, ppy, series, ts) as
    garman_klass_vol_of(roll_avg(garman_klass_variance_of(open, high, low, close), n, series, ts), ppy);

-- Variance of one bar whatever its drift. Unit: 1 per bar; never negative.
create or replace macro rogers_satchell_variance_of(open, high, low, close) as
    case when encloses(open, high, low, close)
         then log_return_of(high, close) * log_return_of(high, open)
             + log_return_of(low, close) * log_return_of(low, open) end;

-- Rogers-Satchell volatility, annualised: no drift is assumed. Unit: 1.
-- Source: Rogers and Satchell (1991), Annals of Applied Probability 1(4).
create or replace macro rogers_satchell_vol_of(mean_variance, ppy) as annual_root_of(mean_variance, ppy);
create or replace macro roll_rogers_satchell_vol(open, high, low, close, n, ppy, series, ts) as
    rogers_satchell_vol_of(roll_avg(rogers_satchell_variance_of(open, high, low, close), n, series, ts), ppy);

-- Yang-Zhang volatility, annualised, of n bars: from the sample variance of the overnight returns ln(open /
-- close before), that of the daytime returns ln(close / open), and the mean Rogers-Satchell variance. Unit:
-- 1. n must be at least 2. Source: Yang and Zhang (2000), J. Business 73(3).
create or replace macro yang_zhang_weight_of(n) as 0.34::double / (1.34::double + (n + 1) / nullif(n - 1.0::double, 0));
create or replace macro yang_zhang_vol_of(overnight_variance, daytime_variance, mean_range_variance, n, ppy) as
    annual_root_of(
        overnight_variance + yang_zhang_weight_of(n) * daytime_variance
        + (1 - yang_zhang_weight_of(n)) * mean_range_variance, ppy
    );
create or replace macro roll_yang_zhang_vol(open, high, low, close, previous_close, n, ppy, series, ts) as
    yang_zhang_vol_of(
        pow(roll_std(log_return_of(open, previous_close), n, series, ts), 2),
        pow(roll_std(log_return_of(close, open), n, series, ts), 2),
        roll_avg(rogers_satchell_variance_of(open, high, low, close), n, series, ts), n, ppy
    );

comment on macro annual_root_of is 'annualised square root; NULL for a negative variance';
comment on macro encloses is 'low <= open, close <= high, as far as they are known';
comment on macro parkinson_vol_of is 'annualised square root of a mean Parkinson variance';
comment on macro parkinson_variance_of is 'ln(high / low)^2 / (4 ln 2)';
comment on macro parkinson_vol is 'volatility from the range of each bar, annualised';
comment on macro roll_parkinson_vol is 'volatility from the range of the last n bars, annualised';
comment on macro garman_klass_variance_of is 'ln(high / low)^2 / 2 - (2 ln 2 - 1) ln(close / open)^2';
comment on macro garman_klass_vol_of is 'annualised square root; NULL for a negative variance';
comment on macro garman_klass_vol is 'volatility from range and body of each bar, annualised';
comment on macro roll_garman_klass_vol is 'volatility from range and body of the last n bars, annualised';
comment on macro rogers_satchell_variance_of is 'ln(H/C) ln(H/O) + ln(L/C) ln(L/O)';
comment on macro rogers_satchell_vol_of is 'annualised square root of a mean Rogers-Satchell variance';
comment on macro roll_rogers_satchell_vol is 'Rogers-Satchell volatility of the last n bars, annualised';
comment on macro yang_zhang_weight_of is '0.34 / (1.34 + (n + 1) / (n - 1))';
comment on macro yang_zhang_vol_of is
    'annualised root of overnight + k daytime + (1 - k) Rogers-Satchell variance';
comment on macro roll_yang_zhang_vol is 'Yang-Zhang volatility of the last n bars, annualised';
