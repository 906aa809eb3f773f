-- Performance relative to a benchmark: how far, how often and in which markets a series was ahead.

-- Deviation of the active return (own less the benchmark's), annualised. Unit: 1. 0 when constant.
create or replace macro tracking_error(active_return, ppy) as annualise(sample_std(active_return), ppy);
create or replace macro tracking_error(bars, benchmark, ppy := null) as table
    select
        source, symbol, interval, null::timestamptz as ts,
        tracking_error(active_return, any_value(bars_per_year)) as value
    from benchmark_pairs(bars, benchmark, 0, ppy)
    group by source, symbol, interval;

-- Mean active return per unit of tracking error, annualised. Unit: 1. NULL when constant.
-- Source: Goodwin (1998), Financial Analysts J. 54(4).
create or replace macro information_ratio(bars, benchmark, ppy := null) as table
    select
        source, symbol, interval, null::timestamptz as ts,
        sharpe(active_return, any_value(bars_per_year)) as value
    from benchmark_pairs(bars, benchmark, 0, ppy)
    group by source, symbol, interval;

-- Excess return per unit of beta. Unit: 1 per year. NULL for a beta of 0 or none. Source: Treynor (1965), HBR
-- 43(1).
create or replace macro treynor_of(mean_excess, slope, ppy) as ratio_of(mean_excess * ppy, slope);
create or replace macro treynor(bars, benchmark, rf := 0.0, ppy := null) as table
    select
        source, symbol, interval, null::timestamptz as ts,
        treynor_of(
            avg(excess_return), beta(excess_return, benchmark_excess_return), any_value(bars_per_year)
        ) as value
    from benchmark_pairs(bars, benchmark, rf, ppy)
    group by source, symbol, interval;

-- What the series would have earned at the benchmark's volatility, and how much more that is than the
-- benchmark earned. Unit: 1 per year. NULL when the series is constant. Source: Modigliani and Modigliani
-- (1997), J. Portfolio Management 23(2).
create or replace macro m2_of(annual_sharpe, benchmark_vol, bar_rate, ppy) as
    bar_rate * ppy + annual_sharpe * benchmark_vol;
create or replace macro m2_alpha_of(annual_sharpe, benchmark_vol, annual_benchmark_excess) as
    annual_sharpe * benchmark_vol - annual_benchmark_excess;
create or replace macro m2(bars, benchmark, rf := 0.0, ppy := null) as table
    select
        source, symbol, interval, null::timestamptz as ts,
        m2_of(
            sharpe(excess_return, any_value(bars_per_year)),
            annual_vol(benchmark_return, any_value(bars_per_year)),
            rate_per_period(rf, any_value(bars_per_year)), any_value(bars_per_year)
        ) as value
    from benchmark_pairs(bars, benchmark, rf, ppy)
    group by source, symbol, interval;
create or replace macro m2_alpha(bars, benchmark, rf := 0.0, ppy := null) as table
    select
        source, symbol, interval, null::timestamptz as ts,
        m2_alpha_of(
            sharpe(excess_return, any_value(bars_per_year)),
            annual_vol(benchmark_return, any_value(bars_per_year)),
            avg(benchmark_excess_return) * any_value(bars_per_year)
        ) as value
    from benchmark_pairs(bars, benchmark, rf, ppy)
    group by source, symbol, interval;

-- The return that, earned on every bar, gives what the sample gave. Unit: 1 per bar; -1 after a total loss.
create or replace macro geometric_mean_return(r) as
    case when min(r) <= -1 then -1.0::double else exp(avg(ln_or_null(1 + r))) - 1 end;

-- Geometric mean of the bars on which the benchmark rose (fell), over the benchmark's own on them. Unit: 1.
-- NULL without any.
create or replace macro capture_of(own_mean, benchmark_mean) as ratio_of(own_mean, benchmark_mean);
create or replace macro up_capture(bars, benchmark) as table
    select
        source, symbol, interval, null::timestamptz as ts,
        capture_of(
            geometric_mean_return(case when benchmark_return > 0 then simple_return end),
            geometric_mean_return(case when benchmark_return > 0 then benchmark_return end)
        ) as value
    from benchmark_pairs(bars, benchmark, 0, null)
    group by source, symbol, interval;
create or replace macro down_capture(bars, benchmark) as table
    select
        source, symbol, interval, null::timestamptz as ts,
        capture_of(
            geometric_mean_return(case when benchmark_return < 0 then simple_return end),
            geometric_mean_return(case when benchmark_return < 0 then benchmark_return end)
        ) as value
    from benchmark_pairs(bars, benchmark, 0, null)
    group by source, symbol, interval;

-- Share of the bars on which the series was ahead. Unit: 1, 0 to 1. NULL without a pair.
create or replace macro batting_average_of(active_return) as
    count_if(active_return > 0) / nullif(count(active_return), 0);
create or replace macro batting_average(bars, benchmark) as table
    select source, symbol, interval, null::timestamptz as ts, batting_average_of(active_return) as value
    from benchmark_pairs(bars, benchmark, 0, null)
    group by source, symbol, interval;

comment on macro tracking_error is 'sample standard deviation of active returns, annualised';
comment on macro table tracking_error is 'sample standard deviation of own less benchmark return, annualised';
comment on macro table information_ratio is 'mean active return per unit of tracking error, annualised';
comment on macro treynor_of is 'annual excess return over beta';
comment on macro table treynor is 'annual excess return per unit of beta';
comment on macro m2_of is 'risk-free rate plus Sharpe ratio times the benchmark volatility';
comment on macro m2_alpha_of is
    'Sharpe ratio times the benchmark volatility, less the benchmark excess return';
comment on macro table m2 is 'annual return at the benchmark volatility';
comment on macro table m2_alpha is 'annual return at the benchmark volatility, less that of the benchmark';
comment on macro geometric_mean_return is 'constant return per bar that compounds to the same';
comment on macro capture_of is 'own over benchmark mean return';
comment on macro table up_capture is
    'mean return on bars when the benchmark rose, over that of the benchmark';
comment on macro table down_capture is
    'mean return on bars when the benchmark fell, over that of the benchmark';
comment on macro batting_average_of is 'share of the active returns above 0';
comment on macro table batting_average is 'share of the bars on which the series beat the benchmark';
