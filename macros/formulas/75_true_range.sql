-- How far a bar goes: the true range and its averages.

-- True range: the greatest of high - low and the distances of both from the previous close. Unit: price.
-- NULL on the first bar. Source: Wilder (1978), New Concepts in Technical Trading Systems, ch. 3.
create or replace macro true_range(bars) as table
    with given as (from query_table(bars))
    select source, symbol, interval, ts, true_range_of(high, low, previous_close) as value
    from known_ranges('given')
    union all
    from unknown_ranges('given');

-- Wilder's average of the true range, from the n-th range (bar n, counted from 0) on; NULL before.
create or replace macro average_ranges(relation, n) as table
    with ranged as (
        select *, true_range_of(high, low, previous_close) as bar_range
        from known_ranges(relation)
    ),
    inputs as (
        select
            source, symbol, interval, 'range' as line, ts, row_index, high, low, close,
            1 - wilder_weight(n) as decay,
            rma_input(
                bar_range, roll_avg(bar_range, n, (source, symbol, interval), ts), n, 1, row_index
            ) as input
        from ranged
    )
    select
        source, symbol, interval, ts, row_index, high, low, close,
        case when row_index >= n then state end as average_range
    from decayed('inputs');

-- Average true range: Wilder's average (weight 1 / n) of the true range. Unit: price. NULL before bar n
-- (from 0).
-- Source: Wilder (1978), ch. 3; TA-Lib for the seed, the mean of the first n true ranges.
create or replace macro atr(bars, n := 14) as table
    with given as (from query_table(bars))
    select source, symbol, interval, ts, average_range as value from average_ranges('given', n)
    union all
    from unknown_ranges('given');

-- Average true range in per cent of the close. Unit: per cent. NULL before bar n (from 0). Source: as atr.
create or replace macro natr_of(average_range, close) as 100 * ratio_of(average_range, close);
create or replace macro natr(bars, n := 14) as table
    with given as (from query_table(bars))
    select
        source, symbol, interval, ts,
        natr_of(average_range, close) as value
    from average_ranges('given', n)
    union all
    from unknown_ranges('given');

comment on macro table true_range is 'greatest move of a bar since the close before it';
comment on macro table average_ranges is 'bars with Wilder''s average of their true range';
comment on macro table atr is 'Wilder''s average of the true range';
comment on macro natr_of is 'average range in per cent of the close';
comment on macro table natr is 'Wilder''s average of the true range in per cent of the close';
