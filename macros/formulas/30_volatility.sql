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
-- interval within the day; 1 for a bar of a day or more, whose nights and weekends are no time. Unit: bars.
create or replace macro elapsed_bars_of(bar_interval, ts, previous_ts, end_ts) as
    case when is_within_day(bar_interval) then epoch(ts - previous_ts) / nullif(epoch(end_ts - ts), 0)
         when previous_ts is not null then 1.0::double end;

-- The same without the bar's end. Where the year has fewer bars than minutes allow, there are sessions:
-- from one day to the next is one bar then, as for daily bars.
create or replace macro has_sessions(bar_interval, ppy) as ppy * bar_minutes(bar_interval) < 500000;
create or replace macro elapsed_bars_between(bar_interval, ts, previous_ts, ppy) as
    case when has_sessions(bar_interval, ppy) and utc_day_of(ts) > utc_day_of(previous_ts) then 1.0::double
         else elapsed_bars_of(bar_interval, ts, previous_ts, ts + to_minutes(bar_minutes(bar_interval))) end;

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
    case when is_within_day(bar_interval) then roll_intraday_vol(log_return, elapsed_bars, n, ppy, series, ts)
         else roll_realized_vol(log_return, n, ppy, series, ts) end;

-- Bars with their returns, and with how many bars of time each return took. `ppy` bars per year; NULL: what
-- the bars say.
create or replace macro with_elapsed_bars(relation, ppy) as table
    with stepped as (
        select
            *,
            coalesce(ppy, periods_per_year) as bars_per_year,
            previous_known(case when adj_close is not null then ts end, (source, symbol, interval), ts) as previous_ts
        from with_returns(relation)
    )
    select *, elapsed_bars_between(interval, ts, previous_ts, bars_per_year) as elapsed_bars from stepped;

-- Trailing volatility of any bars. Unit: 1 (0.2 = 20 % a year). NULL before n returns and where one of them
-- is not known.
create or replace macro realized_vol(bars, n := 21, ppy := null) as table
    select
        source, symbol, interval, ts,
        roll_interval_vol(
            log_return, elapsed_bars, interval, n, bars_per_year, (source, symbol, interval), ts
        ) as value
    from with_elapsed_bars(bars, ppy);

-- Volatility cone: least, quartiles, greatest and newest realized volatility by window. Unit: 1. One row
-- per window, named once or more. Source: Burghardt and Lane (1990), J. Portfolio Management 16(2).
create or replace macro volatility_cone(bars, windows := [10, 21, 63, 126, 252], ppy := null) as table
    with spread as (select *, unnest(list_distinct(windows)) as n_bars from with_elapsed_bars(bars, ppy)),
    rolled as (
        select
            source, symbol, interval, n_bars, ts,
            roll_interval_vol(
                log_return, elapsed_bars, interval, n_bars, bars_per_year, (source, symbol, interval, n_bars), ts
            ) as vol
        from spread
    )
    select
        source, symbol, interval,
        n_bars as "window",
        min(vol) as "min",
        quantile_cont(vol, 0.25) as q25,
        median(vol) as median,
        quantile_cont(vol, 0.75) as q75,
        max(vol) as "max",
        arg_max(vol, ts) as "last"
    from rolled
    group by source, symbol, interval, n_bars;

comment on macro annualise is 'standard deviation per bar times sqrt(bars per year)';
comment on macro sample_std is 'sample standard deviation; 0 if constant, NULL for fewer than two';
comment on macro realized_vol is 'sample standard deviation of log returns, annualised';
comment on macro roll_realized_vol is 'sample standard deviation of the last n log returns, annualised';
comment on macro elapsed_bars_of is 'bars of time since the bar before; 1 for a daily bar';
comment on macro intraday_vol_of is
    'annualised root of mean squared return over mean elapsed bars; NULL if a tenth is absent';
comment on macro roll_intraday_vol is
    'root of squared log returns per elapsed year; NULL if a tenth of the bars is absent';
comment on macro roll_interval_vol is 'trailing volatility: by elapsed time within the day, else by bars';
comment on macro has_sessions is 'whether the market of these bars closes at night';
comment on macro elapsed_bars_between is
    'bars of time since the bar before; 1 overnight where there are sessions';
comment on macro table with_elapsed_bars is 'bars with returns and the bars of time that they took';
comment on macro table realized_vol is 'sample standard deviation of the last n log returns, annualised';
comment on macro table volatility_cone is 'distribution of realized volatility by window';
