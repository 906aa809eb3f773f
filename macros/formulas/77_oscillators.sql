-- Oscillators: how one-sided the last moves were, and how far they led from the mean.

-- Gain and loss of a bar since the one before. Unit: price; not negative. NULL on the first bar.
create or replace macro gain_of(close, previous_close) as
    case when close > previous_close then close - previous_close
         when close <= previous_close then 0.0::double end;
create or replace macro loss_of(close, previous_close) as gain_of(previous_close, close);

-- Relative strength index from average gain and loss. Unit: 0 to 100; 50 where nothing moved: no
-- information.
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

-- Relative strength index: share of the gains in Wilder's averages of gains and losses. Unit: 0 to 100; 50
-- while the price has never moved. NULL before bar n (from 0).
-- Source: Wilder (1978), New Concepts in Technical Trading Systems, ch. 6; the seed is the mean of the
-- first n moves.
create or replace macro rsi(bars, n := 14) as table
    with given as (from query_table(bars))
    select
        source, symbol, interval, ts,
        case when row_index >= n then rsi_of(average_gain, average_loss) end as value
    from average_moves('given', n)
    union all
    from unknown_closes('given');

-- Commodity channel index: distance of the typical price from its mean of n bars, in 0.015 mean deviations.
-- Unit: 1, mostly within 100 either way. NULL until n bars are known, and where they are equal.
-- Source: Lambert (1980), Commodities 10.
create or replace macro cci_of(price, mean, deviation) as ratio_of(price - mean, 0.015::double * deviation);
create or replace macro cci(bars, n := 20) as table
    with priced as (
        select source, symbol, interval, ts, typical_price_of(high, low, close) as price
        from query_table(bars)
    ),
    listed as (
        select
            *, roll_avg(price, n, (source, symbol, interval), ts) as mean,
            roll_list(price, n, (source, symbol, interval), ts) as prices
        from priced
    )
    select source, symbol, interval, ts, cci_of(price, mean, mean_abs_deviation_of(prices, mean)) as value
    from listed;

-- Buying pressure: how far a bar closes above the lower of its low and the close before. Unit: price. NULL
-- on the first bar.
create or replace macro buying_pressure_of(low, close, previous_close) as
    case when previous_close is not null then close - least(low, previous_close) end;

-- Ultimate oscillator: buying pressure per true range over three lengths, weighted 4, 2 and 1. Unit: 0 to
-- 100. NULL until the longest is full, and where one is flat. Source: Williams (1985), Stocks & Commodities
-- 3(4).
create or replace macro ultimate_oscillator_of(short_share, medium_share, long_share) as
    100 * (4 * short_share + 2 * medium_share + long_share) / 7;
create or replace macro roll_pressure(pressure, bar_range, n, series, ts) as
    ratio_of(roll_sum(pressure, n, series, ts), roll_sum(bar_range, n, series, ts));
create or replace macro ultimate_oscillator(bars, n := [7, 14, 28]) as table
    with stepped as (
        select
            source, symbol, interval, ts, high, low, close,
            previous(close, (source, symbol, interval), ts) as previous_close
        from query_table(bars)
    ),
    pressed as (
        select
            source, symbol, interval, ts, buying_pressure_of(low, close, previous_close) as pressure,
            true_range_of(high, low, previous_close) as bar_range
        from stepped
    )
    select
        source, symbol, interval, ts,
        ultimate_oscillator_of(
            roll_pressure(pressure, bar_range, n[1], (source, symbol, interval), ts),
            roll_pressure(pressure, bar_range, n[2], (source, symbol, interval), ts),
            roll_pressure(pressure, bar_range, n[3], (source, symbol, interval), ts)
        ) as value
    from pressed;

comment on macro gain_of is 'rise since the bar before, 0 if it fell';
comment on macro loss_of is 'fall since the bar before, 0 if it rose';
comment on macro rsi_of is 'average gain over average gain and loss, 0 to 100; 50 if both are 0';
comment on macro table average_moves is 'Wilder''s averages of gains and losses';
comment on macro table rsi is 'share of the gains in the average gains and losses, 0 to 100';
comment on macro cci_of is 'distance from the mean in 0.015 mean deviations';
comment on macro table cci is 'typical price above its mean of n bars, in 0.015 mean deviations';
comment on macro buying_pressure_of is 'close above the lower of the low and the close before';
comment on macro ultimate_oscillator_of is 'three shares weighted 4, 2 and 1, 0 to 100';
comment on macro roll_pressure is 'buying pressure per true range in the last n bars';
comment on macro table ultimate_oscillator is 'buying pressure per range over three lengths, 4 : 2 : 1';
