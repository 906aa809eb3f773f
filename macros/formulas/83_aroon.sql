-- Aroon: how young the extremes are.

-- Aroon: how young the extreme of the last n + 1 bars is, 100 on the bar itself, 0 when it is n bars old;
-- of equal ones the newest counts. Unit: 0 to 100. Source: Chande (1995), Stocks & Commodities 13(9).
create or replace macro aroon_of(extreme_index, row_index, n) as 100 * (n - (row_index - extreme_index)) / n;

-- Aroon up: age of the highest high of the last n + 1 bars. Unit: 0 to 100, 100 is new. NULL until they are
-- known.
-- Source: Chande (1995), Stocks & Commodities 13(9); ties as TA-Lib.
create or replace macro aroon_up(bars, n := 25) as table
    with numbered as (
        select source, symbol, interval, ts, high, row_index_of((source, symbol, interval), ts) as row_index
        from query_table(bars)
    )
    select
        source, symbol, interval, ts,
        aroon_of(
            roll_max_index(high, row_index, n + 1, (source, symbol, interval), ts), row_index, n
        ) as value
    from numbered;

-- Aroon down: age of the lowest low of the last n + 1 bars. Unit: 0 to 100, 100 is new. NULL until they are
-- known.
-- Source: as aroon_up.
create or replace macro aroon_down(bars, n := 25) as table
    with numbered as (
        select source, symbol, interval, ts, low, row_index_of((source, symbol, interval), ts) as row_index
        from query_table(bars)
    )
    select
        source, symbol, interval, ts,
        aroon_of(
            roll_max_index(-low, row_index, n + 1, (source, symbol, interval), ts), row_index, n
        ) as value
    from numbered;

comment on macro aroon_of is '100 for an extreme on this bar, 0 for one n bars ago';
comment on macro table aroon_up is 'age of the highest high of n + 1 bars, 100 is new';
comment on macro table aroon_down is 'age of the lowest low of n + 1 bars, 100 is new';
