-- Moving average convergence and divergence: two exponential averages of closes and the average of their
-- distance. The shorter length is the fast one, whichever is named so.

-- Both averages start on the bar where the slow one can, the fast one seeded with the mean of the closes up
-- to there, as TA-Lib does; the signal starts `signal` bars of their difference later.
create or replace macro macd_fast_input(x, mean, fast, slow, row_index) as
    average_input(x, mean, ema_weight(fast), slow - 1, row_index);
create or replace macro macd_signal_input(macd_line, mean, slow, signal, row_index) as
    average_input(macd_line, mean, ema_weight(signal), slow + signal - 2, row_index);
create or replace macro macd_of(fast_ema, slow_ema) as fast_ema - slow_ema;

-- The line and its signal, from the bar on which both are known; NULL before.
create or replace macro macd_lines(relation, fast, slow, signal) as table
    with inputs as (
        select
            source, symbol, interval, 'close' as line, ts, row_index, close, 1 - ema_weight(slow) as decay,
            ema_input(
                close, roll_avg(close, slow, (source, symbol, interval), ts), slow, 1, row_index
            ) as input
        from known_closes(relation)
    ),
    slow_states as (select * rename (state as slow_ema) from decayed('inputs')),
    fast_inputs as (
        select * replace (
            1 - ema_weight(fast) as decay,
            macd_fast_input(
                close, roll_avg(close, fast, (source, symbol, interval), ts), fast, slow, row_index
            ) as input
        )
        from slow_states
    ),
    line_states as (
        select * exclude (state), macd_of(state, slow_ema) as macd_line
        from decayed('fast_inputs')
    ),
    signal_inputs as (
        select * replace (
            1 - ema_weight(signal) as decay,
            macd_signal_input(
                macd_line, roll_avg(macd_line, signal, (source, symbol, interval), ts), slow, signal,
                row_index
            ) as input
        )
        from line_states
    )
    select
        source, symbol, interval, ts, close,
        case when row_index >= slow + signal - 2 then macd_line end as macd_line,
        case when row_index >= slow + signal - 2 then state end as signal_line
    from decayed('signal_inputs');

-- MACD line: fast less slow exponential average. Unit: price. NULL until its signal exists, slow + signal -
-- 1 closes.
-- Source: Appel (2005), Technical Analysis, ch. 8; TA-Lib for the seeds.
create or replace macro macd(bars, fast := 12, slow := 26, signal := 9) as table
    with given as (from query_table(bars))
    select source, symbol, interval, ts, macd_line as value
    from macd_lines('given', least(fast, slow), greatest(fast, slow), signal)
    union all
    from unknown_closes('given');

-- Signal line: exponential average of the MACD line. Unit: price. NULL until slow + signal - 1 closes are
-- known.
-- Source: as macd.
create or replace macro macd_signal(bars, fast := 12, slow := 26, signal := 9) as table
    with given as (from query_table(bars))
    select source, symbol, interval, ts, signal_line as value
    from macd_lines('given', least(fast, slow), greatest(fast, slow), signal)
    union all
    from unknown_closes('given');

-- Histogram: the MACD line less its signal. Unit: price. NULL until slow + signal - 1 closes are known.
-- Source: Aspray (1986), Stocks & Commodities 4(8).
create or replace macro macd_hist_of(macd_line, signal_line) as macd_line - signal_line;
create or replace macro macd_hist(bars, fast := 12, slow := 26, signal := 9) as table
    with given as (from query_table(bars))
    select source, symbol, interval, ts, macd_hist_of(macd_line, signal_line) as value
    from macd_lines('given', least(fast, slow), greatest(fast, slow), signal)
    union all
    from unknown_closes('given');

-- Percentage price oscillator: how far the fast average is from the slow one. Unit: per cent. Each average
-- is seeded where it can be, unlike MACD's. NULL until `slow` closes are known. Source: Appel (2005), ch.
-- 8; TA-Lib for the seeds.
create or replace macro ppo_of(fast_ema, slow_ema) as roc_of(fast_ema, slow_ema);
create or replace macro ppo(bars, fast := 12, slow := 26) as table
    with given as (from query_table(bars)),
    fast_line as (from ema('given', least(fast, slow))),
    slow_line as (from ema('given', greatest(fast, slow)))
    select source, symbol, interval, ts, ppo_of(fast_line.value, slow_line.value) as value
    from fast_line
    inner join slow_line using (source, symbol, interval, ts);

comment on macro macd_fast_input is 'input of the fast average, which starts with the slow one';
comment on macro macd_signal_input is 'input of the average of the MACD line';
comment on macro macd_of is 'fast less slow average';
comment on macro table macd_lines is 'MACD line and signal line of closes';
comment on macro table macd is 'fast less slow exponential average of closes';
comment on macro table macd_signal is 'exponential average of the MACD line';
comment on macro macd_hist_of is 'MACD line less its signal line';
comment on macro table macd_hist is 'MACD line less its signal line';
comment on macro ppo_of is 'fast over slow average less 1, in per cent';
comment on macro table ppo is 'fast over slow exponential average of closes less 1, in per cent';
