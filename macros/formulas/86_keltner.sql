-- The Keltner channel: average ranges around the average typical price.

-- Keltner channel: exponential average of the typical price and k of Wilder's average ranges to either
-- side. Both start on bar s = max(n - 1, atr), as TA-Lib does, seeded with the means of the values up to
-- there.
create or replace macro keltner_start(n, range_length) as greatest(n - 1, range_length);
create or replace macro keltner_middle_input(price, mean, n, range_length, row_index) as
    average_input(price, mean, ema_weight(n), keltner_start(n, range_length), row_index);
create or replace macro keltner_range_input(bar_range, mean, n, range_length, row_index) as
    average_input(bar_range, mean, wilder_weight(range_length), keltner_start(n, range_length), row_index);

-- Middle of the channel and average range; NULL before bar s.
create or replace macro keltner_lines(relation, n, range_length) as table
    with ranged as (
        select
            source, symbol, interval, ts, row_index, typical_price_of(high, low, close) as price,
            true_range_of(high, low, previous_close) as bar_range
        from known_ranges(relation)
    ),
    inputs as (
        select
            *, 'keltner' as line, 1 - ema_weight(n) as decay,
            keltner_middle_input(
                price, roll_avg(price, n, (source, symbol, interval), ts), n, range_length, row_index
            ) as input
        from ranged
    ),
    middles as (select * rename (state as middle_band) from decayed('inputs')),
    range_inputs as (
        select * replace (
            1 - wilder_weight(range_length) as decay,
            keltner_range_input(
                bar_range, roll_avg(bar_range, range_length, (source, symbol, interval), ts), n,
                range_length, row_index
            ) as input
        )
        from middles
    )
    select
        source, symbol, interval, ts,
        case when row_index >= keltner_start(n, range_length) then middle_band end as middle_band,
        case when row_index >= keltner_start(n, range_length) then state end as average_range
    from decayed('range_inputs');

-- Keltner channel, upper: exponential average of n typical prices plus k average ranges of `atr` bars.
-- Unit: price. NULL before bar max(n - 1, atr) (from 0). Sources: Raschke's form of Keltner (1960); TA-Lib
-- for the seeds.
create or replace macro keltner_upper(bars, n := 20, k := 2.0, atr := 10) as table
    with given as (from query_table(bars))
    select source, symbol, interval, ts, band_of(middle_band, k, average_range) as value
    from keltner_lines('given', n, atr)
    union all
    from unknown_ranges('given');

-- Keltner channel, middle: exponential average of n typical prices. Unit: price. NULL before bar max(n - 1,
-- atr).
-- Source: as keltner_upper.
create or replace macro keltner_middle(bars, n := 20, k := 2.0, atr := 10) as table
    with given as (from query_table(bars))
    select source, symbol, interval, ts, middle_band as value
    from keltner_lines('given', n, atr)
    union all
    from unknown_ranges('given');

-- Keltner channel, lower: exponential average of n typical prices less k average ranges of `atr` bars.
-- Unit: price. NULL before bar max(n - 1, atr). Source: as keltner_upper.
create or replace macro keltner_lower(bars, n := 20, k := 2.0, atr := 10) as table
    with given as (from query_table(bars))
    select source, symbol, interval, ts, band_of(middle_band, -k, average_range) as value
    from keltner_lines('given', n, atr)
    union all
    from unknown_ranges('given');

comment on macro keltner_start is 'bar on which both averages of the Keltner channel start';
comment on macro keltner_middle_input is 'input of the average of typical prices in the Keltner channel';
comment on macro keltner_range_input is 'input of the average of true ranges in the Keltner channel';
comment on macro table keltner_lines is 'middle of the Keltner channel and average range';
comment on macro table keltner_upper is 'exponential average of typical prices plus k average ranges';
comment on macro table keltner_middle is 'exponential average of typical prices';
comment on macro table keltner_lower is 'exponential average of typical prices less k average ranges';
