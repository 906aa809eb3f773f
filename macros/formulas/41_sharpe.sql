-- The Sharpe ratio of simple returns, and how far it can be trusted. Rates are effective per year.

-- Sharpe ratio of excess returns, annualised. Unit: 1. NULL when all returns are equal or history is short.
-- Source: Sharpe (1994), J. Portfolio Management 21(1).
create or replace macro sharpe_of(mu, deviation, ppy) as
    case when is_moving(deviation) then finite_or_null(ratio_of(mu, deviation) * sqrt(ppy)) end;
create or replace macro sharpe(excess_return, ppy) as
    sharpe_of(avg(excess_return), sample_std(excess_return), ppy);
create or replace macro roll_sharpe(excess_return, n, ppy, series, ts) as
    sharpe_of(roll_avg(excess_return, n, series, ts), roll_std(excess_return, n, series, ts), ppy);

create or replace macro sharpe(bars, rf := 0.0, ppy := null) as table
    select
        source, symbol, interval, null::timestamptz as ts,
        sharpe(excess_return, any_value(bars_per_year)) as value
    from excess_returns(bars, rf, ppy)
    group by source, symbol, interval;

create or replace macro rolling_sharpe(bars, n := 252, rf := 0.0, ppy := null) as table
    select
        source, symbol, interval, ts,
        roll_sharpe(excess_return, n, bars_per_year, (source, symbol, interval), ts) as value
    from excess_returns(bars, rf, ppy);

-- Standard error of the annualised Sharpe ratio for independent returns. Unit: 1. Source: Lo (2002), FAJ
-- 58(4), eq. 9.
create or replace macro sharpe_se_of(annual_sharpe, n, ppy) as
    finite_or_null(sqrt((ppy + pow(annual_sharpe, 2) / 2) / nullif(n, 0)));
create or replace macro sharpe_se(excess_return, ppy) as
    sharpe_se_of(sharpe(excess_return, ppy), count(excess_return), ppy);

create or replace macro sharpe_se(bars, rf := 0.0, ppy := null) as table
    select
        source, symbol, interval, null::timestamptz as ts,
        sharpe_se(excess_return, any_value(bars_per_year)) as value
    from excess_returns(bars, rf, ppy)
    group by source, symbol, interval;

-- Ends of the interval that holds the true ratio with this confidence, if returns are independent. Unit: 1.
create or replace macro sharpe_low_of(annual_sharpe, standard_error, confidence) as
    annual_sharpe - standard_error * normal_quantile((1 + confidence) / 2);
create or replace macro sharpe_high_of(annual_sharpe, standard_error, confidence) as
    annual_sharpe + standard_error * normal_quantile((1 + confidence) / 2);

create or replace macro sharpe_low(bars, rf := 0.0, ppy := null, confidence := 0.95) as table
    select
        source, symbol, interval, null::timestamptz as ts,
        sharpe_low_of(
            sharpe(excess_return, any_value(bars_per_year)),
            sharpe_se(excess_return, any_value(bars_per_year)), confidence
        ) as value
    from excess_returns(bars, rf, ppy)
    where is_confidence(confidence)
    group by source, symbol, interval;

create or replace macro sharpe_high(bars, rf := 0.0, ppy := null, confidence := 0.95) as table
    select
        source, symbol, interval, null::timestamptz as ts,
        sharpe_high_of(
            sharpe(excess_return, any_value(bars_per_year)),
            sharpe_se(excess_return, any_value(bars_per_year)), confidence
        ) as value
    from excess_returns(bars, rf, ppy)
    where is_confidence(confidence)
    group by source, symbol, interval;

-- The ratio as it is when returns depend on those before them: of a year's return, whose variance is not ppy
-- times that of a bar. `autocorrelations` of lags 1, 2, ...; later ones count as 0. Unit: 1. NULL where that
-- variance is not positive.
-- Source: Lo (2002), FAJ 58(4), eq. 20.
create or replace macro sharpe_lo_adjusted_of(bar_sharpe, autocorrelations, ppy) as
    bar_sharpe * ppy * power_or_null(
        nullif(greatest(ppy + 2 * coalesce(list_sum(list_transform(
            autocorrelations, lambda rho, k: greatest(ppy - k, 0.0::double) * rho
        )), 0.0::double), 0.0::double), 0), -5e-1
    );
create or replace macro sharpe_lo_adjusted(bars, rf := 0.0, ppy := null, lags := 10) as table
    with samples as (
        select
            source, symbol, interval, any_value(bars_per_year) as bars_per_year,
            sharpe(excess_return, 1.0::double) as bar_sharpe,
            list(excess_return order by ts) filter (excess_return is not null) as sample
        from excess_returns(bars, rf, ppy)
        group by source, symbol, interval
    ),
    averaged as (select *, list_avg(sample) as mean from samples),
    centred as (select *, deviations_from(sample, mean) as deviations from averaged)
    select
        source, symbol, interval, null::timestamptz as ts,
        sharpe_lo_adjusted_of(
            bar_sharpe, autocorrelations_of(deviations, least(lags, len(deviations) - 1)), bars_per_year
        ) as value
    from centred;

comment on macro sharpe_of is 'mean over deviation, annualised by sqrt(ppy); NULL if the deviation is 0';
comment on macro sharpe is
    'mean excess return per unit of sample standard deviation, annualised by sqrt(ppy)';
comment on macro table sharpe is
    'mean excess return per unit of sample standard deviation, annualised by sqrt(ppy)';
comment on macro roll_sharpe is 'Sharpe ratio of the last n bars';
comment on macro table rolling_sharpe is 'Sharpe ratio of the last n bars';
comment on macro sharpe_se_of is 'standard error of an annualised Sharpe ratio of n independent returns';
comment on macro sharpe_se is 'standard error of the annualised Sharpe ratio, independent returns';
comment on macro table sharpe_se is 'standard error of the annualised Sharpe ratio, independent returns';
comment on macro sharpe_low_of is 'Sharpe ratio less as many standard errors as the confidence asks';
comment on macro sharpe_high_of is 'Sharpe ratio plus as many standard errors as the confidence asks';
comment on macro table sharpe_low is 'lower end of the confidence interval of the Sharpe ratio';
comment on macro table sharpe_high is 'upper end of the confidence interval of the Sharpe ratio';
comment on macro sharpe_lo_adjusted_of is 'Sharpe ratio of a year of returns with these autocorrelations';
comment on macro table sharpe_lo_adjusted is
    'Sharpe ratio, annualised with the autocorrelation of the returns';
