-- Stochastics: where the price, or its strength, stands between what it recently was.

-- Place of x between the extremes: 0 at the lowest, 100 at the highest. NULL where they coincide.
create or replace macro stoch_of(x, highest, lowest) as 100 * ratio_of(x - lowest, highest - lowest);

-- The stochastic lines of k bars: smoothed %K and, its moving average, %D. %K is shown only where %D
-- exists.
create or replace macro stoch_lines(relation, k, smooth_k, d) as table
    with placed as (
        select
            source, symbol, interval, ts,
            stoch_of(
                close,
                roll_max(high, k, (source, symbol, interval), ts),
                roll_min(low, k, (source, symbol, interval), ts)
            ) as place
        from query_table(relation)
    ),
    smoothed as (
        select
            source, symbol, interval, ts,
            roll_avg(place, smooth_k, (source, symbol, interval), ts) as fast_line
        from placed
    ),
    averaged as (select *, roll_avg(fast_line, d, (source, symbol, interval), ts) as slow_line from smoothed)
    select
        source, symbol, interval, ts,
        case when slow_line is not null then fast_line end as fast_line, slow_line
    from averaged;

-- Stochastic %K: place of the close between lowest low and highest high of k bars, averaged over smooth_k.
-- Unit: 0 to 100. NULL before bar k + smooth_k + d - 3 (from 0), and where a window is flat. Source: Lane
-- (1984), Stocks & Commodities 2(3).
create or replace macro stoch_k(bars, k := 14, smooth_k := 3, d := 3) as table
    select source, symbol, interval, ts, fast_line as value from stoch_lines(bars, k, smooth_k, d);

-- Stochastic %D: moving average of %K over d bars. Unit: 0 to 100. NULL as stoch_k. Source: as stoch_k.
create or replace macro stoch_d(bars, k := 14, smooth_k := 3, d := 3) as table
    select source, symbol, interval, ts, slow_line as value from stoch_lines(bars, k, smooth_k, d);

-- Williams' %R: how far the close is below the highest high of n bars, in per cent of their range. Unit:
-- -100 to 0. NULL until n bars are known, and where they are flat. Source: Williams (1979), How I Made One
-- Million Dollars.
create or replace macro williams_r_of(close, highest, lowest) as
    100 * ratio_of(close - highest, highest - lowest);
create or replace macro williams_r(bars, n := 14) as table
    select
        source, symbol, interval, ts,
        williams_r_of(
            close,
            roll_max(high, n, (source, symbol, interval), ts),
            roll_min(low, n, (source, symbol, interval), ts)
        ) as value
    from query_table(bars);

-- Stochastic of the relative strength index; flat where it moves by less than its rounding. Unit: 0 to 100.
create or replace macro stoch_rsi_of(strength, highest, lowest) as
    case when highest - lowest > 1e-9 then stoch_of(strength, highest, lowest) end;
create or replace macro stoch_rsi_lines(relation, n, k, smooth_k, d) as table
    with placed as (
        select
            source, symbol, interval, ts,
            stoch_rsi_of(
                value,
                roll_max(value, k, (source, symbol, interval), ts),
                roll_min(value, k, (source, symbol, interval), ts)
            ) as place
        from rsi(relation, n)
    ),
    smoothed as (
        select
            source, symbol, interval, ts,
            roll_avg(place, smooth_k, (source, symbol, interval), ts) as fast_line
        from placed
    ),
    averaged as (select *, roll_avg(fast_line, d, (source, symbol, interval), ts) as slow_line from smoothed)
    select
        source, symbol, interval, ts,
        case when slow_line is not null then fast_line end as fast_line, slow_line
    from averaged;

-- Stochastic RSI %K: place of the RSI of n bars between its extremes of k bars, averaged over smooth_k.
-- Unit: 0 to 100. NULL before bar n + k + smooth_k + d - 3 (from 0), and where the RSI stands still.
-- Source: Chande and Kroll (1994), The New Technical Trader, ch. 5; with smooth_k := 1 it is TA-Lib's fast
-- %K.
create or replace macro stoch_rsi_k(bars, n := 14, k := 14, smooth_k := 3, d := 3) as table
    select source, symbol, interval, ts, fast_line as value from stoch_rsi_lines(bars, n, k, smooth_k, d);

-- Stochastic RSI %D: moving average of its %K over d bars. Unit: 0 to 100. NULL and source: as stoch_rsi_k.
create or replace macro stoch_rsi_d(bars, n := 14, k := 14, smooth_k := 3, d := 3) as table
    select source, symbol, interval, ts, slow_line as value from stoch_rsi_lines(bars, n, k, smooth_k, d);

comment on macro stoch_of is 'place between the lowest (0) and the highest (100)';
comment on macro table stoch_lines is 'stochastic %K and %D';
comment on macro table stoch_k is 'place of the close between the extremes of k bars, averaged, 0 to 100';
comment on macro table stoch_d is 'moving average of the stochastic %K';
comment on macro stoch_rsi_of is 'place of the RSI between its lowest (0) and its highest (100)';
comment on macro table stoch_rsi_lines is 'stochastic %K and %D of the RSI';
comment on macro table stoch_rsi_k is 'place of the RSI between its extremes of k bars, averaged, 0 to 100';
comment on macro table stoch_rsi_d is 'moving average of the stochastic RSI %K';
comment on macro williams_r_of is 'close below the highest in per cent of the range, -100 to 0';
comment on macro table williams_r is 'close below the highest of n bars in per cent of the range, -100 to 0';
