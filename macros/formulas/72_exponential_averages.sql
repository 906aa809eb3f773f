-- Exponential averages of closes, once and repeated. Each is seeded with the mean of the first n values of
-- what it averages, as TA-Lib does, and NULL before. They settle: after some 10 n bars the seed no longer
-- shows.

-- Input of an exponential average of an average ... of x, `depth` deep: each needs n - 1 more bars than the
-- one before.
create or replace macro ema_input(x, mean, n, depth, row_index) as
    average_input(x, mean, ema_weight(n), depth * (n - 1), row_index);

-- Input of Wilder's average (weight 1 / n) of what is known from bar `first` on: closes from 0, changes
-- from 1.
create or replace macro rma_input(x, mean, n, first, row_index) as
    average_input(x, mean, wilder_weight(n), first + n - 1, row_index);

-- Three exponential averages, each of the one before; they mean something from row_index n - 1, 2n - 2 and
-- 3n - 3 on.
create or replace macro ema_chain(relation, n) as table
    with inputs as (
        select
            source, symbol, interval, 'close' as line, ts, row_index, 1 - ema_weight(n) as decay,
            ema_input(close, roll_avg(close, n, (source, symbol, interval), ts), n, 1, row_index) as input
        from known_closes(relation)
    ),
    once as (select * rename (state as first_ema) from decayed('inputs')),
    second_inputs as (
        select * replace (
            ema_input(
                first_ema, roll_avg(first_ema, n, (source, symbol, interval), ts), n, 2, row_index
            ) as input
        )
        from once
    ),
    twice as (select * rename (state as second_ema) from decayed('second_inputs')),
    third_inputs as (
        select * replace (
            ema_input(
                second_ema, roll_avg(second_ema, n, (source, symbol, interval), ts), n, 3, row_index
            ) as input
        )
        from twice
    )
    select source, symbol, interval, ts, row_index, first_ema, second_ema, state as third_ema
    from decayed('third_inputs');

-- Exponential moving average of closes, weight 2 / (n + 1). Unit: price. NULL until n closes are known.
-- Source: Appel (2005), Technical Analysis, ch. 1, for the weight; TA-Lib for the seed, the mean of the
-- first n.
create or replace macro ema(bars, n := 20) as table
    with given as (from query_table(bars))
    select source, symbol, interval, ts, case when row_index >= n - 1 then first_ema end as value
    from ema_chain('given', n)
    union all
    from unknown_closes('given');

-- Double and triple exponential average: less lag, from averages of averages. Unit: price. NULL until 2n -
-- 1 and 3n - 2 closes are known. Source: Mulloy (1994), Stocks & Commodities 12(1) and 12(2).
create or replace macro dema_of(first_ema, second_ema) as 2 * first_ema - second_ema;
create or replace macro dema(bars, n := 20) as table
    with given as (from query_table(bars))
    select
        source, symbol, interval, ts,
        case when row_index >= 2 * (n - 1) then dema_of(first_ema, second_ema) end as value
    from ema_chain('given', n)
    union all
    from unknown_closes('given');

-- Triple exponential average, 3 ema - 3 ema(ema) + ema(ema(ema)). Unit: price. NULL until 3n - 2 closes are
-- known.
-- Source: Mulloy (1994), Stocks & Commodities 12(2).
create or replace macro tema_of(first_ema, second_ema, third_ema) as
    3 * first_ema - 3 * second_ema + third_ema;
create or replace macro tema(bars, n := 20) as table
    with given as (from query_table(bars))
    select
        source, symbol, interval, ts,
        case when row_index >= 3 * (n - 1) then tema_of(first_ema, second_ema, third_ema) end as value
    from ema_chain('given', n)
    union all
    from unknown_closes('given');

-- TRIX: one-bar change of the triply repeated exponential average. Unit: per cent. NULL until 3n - 1 closes
-- are known.
-- Source: Hutson (1983), Stocks & Commodities 1(5).
create or replace macro trix(bars, n := 15) as table
    with given as (from query_table(bars)),
    stepped as (
        select *, previous(third_ema, (source, symbol, interval), ts) as previous_third_ema
        from ema_chain('given', n)
    )
    select
        source, symbol, interval, ts,
        case when row_index >= 3 * n - 2 then roc_of(third_ema, previous_third_ema) end as value
    from stepped
    union all
    from unknown_closes('given');

-- Wilder's moving average of closes, weight 1 / n. Unit: price. NULL until n closes are known.
-- Source: Wilder (1978), New Concepts in Technical Trading Systems.
create or replace macro rma(bars, n := 20) as table
    with given as (from query_table(bars)),
    inputs as (
        select
            source, symbol, interval, 'close' as line, ts, row_index, 1 - wilder_weight(n) as decay,
            rma_input(close, roll_avg(close, n, (source, symbol, interval), ts), n, 0, row_index) as input
        from known_closes('given')
    )
    select source, symbol, interval, ts, case when row_index >= n - 1 then state end as value
    from decayed('inputs')
    union all
    from unknown_closes('given');

comment on macro ema_input is 'input of an exponential average, the depth-th in a chain';
comment on macro rma_input is 'input of Wilder''s average of what is known from bar `first` on';
comment on macro table ema_chain is 'exponential average of closes, of that, and of that again';
comment on macro table ema is 'exponential average of closes, weight 2 / (n + 1), from the mean of n on';
comment on macro dema_of is 'twice an average less its average';
comment on macro table dema is 'double exponential average of closes';
comment on macro tema_of is 'three averages less three averages of them plus the average of those';
comment on macro table tema is 'triple exponential average of closes';
comment on macro table trix is 'one-bar change of the triply repeated exponential average, in per cent';
comment on macro table rma is 'Wilder''s average of closes, weight 1 / n, from the mean of n on';
