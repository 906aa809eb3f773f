-- Oscillators: where the price stands between what it recently was.

-- Gain and loss of a bar since the one before. Unit: price; not negative. NULL on the first bar.
create or replace macro gain_of(close, previous_close) as
    case when close > previous_close then close - previous_close when close <= previous_close then 0.0::double end;
create or replace macro loss_of(close, previous_close) as gain_of(previous_close, close);

-- Relative strength index from average gain and loss. Unit: 0 to 100; 50 where nothing moved: no information.
create or replace macro rsi_of(average_gain, average_loss) as
    case when average_gain + average_loss = 0 then 50.0::double
         else 100 * ratio_of(average_gain, average_gain + average_loss) end;

-- Wilder's averages of gains and losses; they mean something from row_index n on.
create or replace macro average_moves(relation, n) as table
    with stepped as (
        select *, previous(close, (source, symbol, interval), ts) as previous_close
        from known_closes(relation)
    ),
    moved as (
        select *, gain_of(close, previous_close) as gain, loss_of(close, previous_close) as loss
        from stepped
    ),
    inputs as (
        select
            source, symbol, interval, 'move' as line, ts, row_index, loss, 1 - wilder_weight(n) as decay,
            rma_input(gain, roll_avg(gain, n, (source, symbol, interval), ts), n, 1, row_index) as input
        from moved
    ),
    gains as (select * rename (state as average_gain) from decayed('inputs')),
    loss_inputs as (
        select * replace (
            rma_input(loss, roll_avg(loss, n, (source, symbol, interval), ts), n, 1, row_index) as input
        )
        from gains
    )
    select source, symbol, interval, ts, row_index, average_gain, state as average_loss
    from decayed('loss_inputs');

-- Relative strength index: share of the gains in Wilder's averages of gains and losses. Unit: 0 to 100; 50 while the price
-- has never moved. NULL before bar n (from 0).
-- Source: Wilder (1978), New Concepts in Technical Trading Systems, ch. 6; the seed is the mean of the first n moves.
create or replace macro rsi(bars, n := 14) as table
    with given as (from query_table(bars))
    select source, symbol, interval, ts, case when row_index >= n then rsi_of(average_gain, average_loss) end as value
    from average_moves('given', n)
    union all
    from unknown_closes('given');

-- Place of x between the extremes: 0 at the lowest, 100 at the highest. NULL where they coincide.
create or replace macro stoch_of(x, highest, lowest) as 100 * ratio_of(x - lowest, highest - lowest);

-- The stochastic lines of k bars: smoothed %K and, its moving average, %D. %K is shown only where %D exists.
create or replace macro stoch_lines(relation, k, smooth_k, d) as table
    with placed as (
        select
            source, symbol, interval, ts,
            stoch_of(
                close,
                roll_max(high, k, (source, symbol, interval), ts), roll_min(low, k, (source, symbol, interval), ts)
            ) as place
        from query_table(relation)
    ),
    smoothed as (
        select source, symbol, interval, ts, roll_avg(place, smooth_k, (source, symbol, interval), ts) as fast_line
        from placed
    ),
    averaged as (select *, roll_avg(fast_line, d, (source, symbol, interval), ts) as slow_line from smoothed)
    select source, symbol, interval, ts, case when slow_line is not null then fast_line end as fast_line, slow_line
    from averaged;

-- Stochastic %K: place of the close between lowest low and highest high of k bars, averaged over smooth_k. Unit: 0 to 100.
-- NULL before bar k + smooth_k + d - 3 (from 0), and where a window is flat. Source: Lane (1984), Stocks & Commodities 2(3).
create or replace macro stoch_k(bars, k := 14, smooth_k := 3, d := 3) as table
    select source, symbol, interval, ts, fast_line as value from stoch_lines(bars, k, smooth_k, d);

-- Stochastic %D: moving average of %K over d bars. Unit: 0 to 100. NULL as stoch_k. Source: as stoch_k.
create or replace macro stoch_d(bars, k := 14, smooth_k := 3, d := 3) as table
    select source, symbol, interval, ts, slow_line as value from stoch_lines(bars, k, smooth_k, d);

-- Stochastic of the relative strength index; flat where it moves by less than its rounding. Unit: 0 to 100.
create or replace macro stoch_rsi_of(strength, highest, lowest) as
    case when highest - lowest > 1e-9 then stoch_of(strength, highest, lowest) end;
create or replace macro stoch_rsi_lines(relation, n, k, smooth_k, d) as table
    with placed as (
        select
            source, symbol, interval, ts,
            stoch_rsi_of(
                value,
                roll_max(value, k, (source, symbol, interval), ts), roll_min(value, k, (source, symbol, interval), ts)
            ) as place
        from rsi(relation, n)
    ),
    smoothed as (
        select source, symbol, interval, ts, roll_avg(place, smooth_k, (source, symbol, interval), ts) as fast_line
        from placed
    ),
    averaged as (select *, roll_avg(fast_line, d, (source, symbol, interval), ts) as slow_line from smoothed)
    select source, symbol, interval, ts, case when slow_line is not null then fast_line end as fast_line, slow_line
    from averaged;

-- Stochastic RSI %K: place of the RSI of n bars between its extremes of k bars, averaged over smooth_k. Unit: 0 to 100.
-- NULL before bar n + k + smooth_k + d - 3 (from 0), and where the RSI stands still.
-- Source: Chande and Kroll (1994), The New Technical Trader, ch. 5; with smooth_k := 1 it is TA-Lib's fast %K.
create or replace macro stoch_rsi_k(bars, n := 14, k := 14, smooth_k := 3, d := 3) as table
    select source, symbol, interval, ts, fast_line as value from stoch_rsi_lines(bars, n, k, smooth_k, d);

-- Stochastic RSI %D: moving average of its %K over d bars. Unit: 0 to 100. NULL and source: as stoch_rsi_k.
create or replace macro stoch_rsi_d(bars, n := 14, k := 14, smooth_k := 3, d := 3) as table
    select source, symbol, interval, ts, slow_line as value from stoch_rsi_lines(bars, n, k, smooth_k, d);

comment on macro gain_of is 'rise since the bar before, 0 if it fell';
comment on macro loss_of is 'fall since the bar before, 0 if it rose';
comment on macro rsi_of is 'average gain over average gain and loss, 0 to 100; 50 if both are 0';
comment on macro table average_moves is 'Wilder''s averages of gains and losses';
comment on macro table rsi is 'share of the gains in the average gains and losses, 0 to 100';
comment on macro stoch_of is 'place between the lowest (0) and the highest (100)';
comment on macro table stoch_lines is 'stochastic %K and %D';
comment on macro table stoch_k is 'place of the close between the extremes of k bars, averaged, 0 to 100';
comment on macro table stoch_d is 'moving average of the stochastic %K';
comment on macro stoch_rsi_of is 'place of the RSI between its lowest (0) and its highest (100)';
comment on macro table stoch_rsi_lines is 'stochastic %K and %D of the RSI';
comment on macro table stoch_rsi_k is 'place of the RSI between its extremes of k bars, averaged, 0 to 100';
comment on macro table stoch_rsi_d is 'moving average of the stochastic RSI %K';
