-- Oscillators of extremes, deviations and money flow.

-- Williams' %R: how far the close is below the highest high of n bars, in per cent of their range. Unit: -100 to 0.
-- NULL until n bars are known, and where they are flat. Source: Williams (1979), How I Made One Million Dollars.
create or replace macro williams_r_of(close, highest, lowest) as 100 * ratio_of(close - highest, highest - lowest);
create or replace macro williams_r(bars, n := 14) as table
    select
        source, symbol, interval, ts,
        williams_r_of(
            close, roll_max(high, n, (source, symbol, interval), ts), roll_min(low, n, (source, symbol, interval), ts)
        ) as value
    from query_table(bars);

-- Mean distance of a list of values from their mean; exactly 0 where they are equal.
create or replace macro mean_abs_deviation_of(list_of_values, mean) as
    case when list_max(list_of_values) = list_min(list_of_values) then 0.0::double
         else list_avg(list_transform(list_of_values, lambda x: abs(x - mean))) end;

-- Commodity channel index: distance of the typical price from its mean of n bars, in 0.015 mean deviations. Unit: 1,
-- mostly within 100 either way. NULL until n bars are known, and where they are equal.
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

-- Money that flowed in (or, prices exchanged, out): price times volume of a bar above the one before, else 0; an unchanged
-- price counts in neither. Unit: money. NULL on the first bar.
create or replace macro money_flow_of(price, previous_price, flow) as
    case when price > previous_price then flow when price <= previous_price then 0.0::double * flow end;

-- Money flow index: share of the inflow in the money that flowed in n bars. Unit: 0 to 100. NULL before bar n (from 0), and
-- where nothing flowed: no volume, or no change. Source: Quong and Soudack (1989), Stocks & Commodities 7(3).
create or replace macro mfi_of(inflow, outflow) as 100 * ratio_of(inflow, inflow + outflow);
create or replace macro mfi(bars, n := 14) as table
    with priced as (
        select
            source, symbol, interval, ts, volume, typical_price_of(high, low, close) as price,
            previous(typical_price_of(high, low, close), (source, symbol, interval), ts) as previous_price
        from query_table(bars)
    ),
    flowed as (
        select
            source, symbol, interval, ts,
            money_flow_of(price, previous_price, price * volume) as inflow,
            money_flow_of(previous_price, price, price * volume) as outflow
        from priced
    )
    select
        source, symbol, interval, ts,
        mfi_of(
            roll_sum(inflow, n, (source, symbol, interval), ts), roll_sum(outflow, n, (source, symbol, interval), ts)
        ) as value
    from flowed;

-- Buying pressure: how far a bar closes above the lower of its low and the close before. Unit: price.
-- NULL on the first bar.
create or replace macro buying_pressure_of(low, close, previous_close) as
    case when previous_close is not null then close - least(low, previous_close) end;

-- Ultimate oscillator: buying pressure per true range over three lengths, weighted 4, 2 and 1. Unit: 0 to 100.
-- NULL until the longest is full, and where one is flat. Source: Williams (1985), Stocks & Commodities 3(4).
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

-- Aroon: how young the extreme of the last n + 1 bars is, 100 on the bar itself, 0 when it is n bars old; of equal ones
-- the newest counts. Unit: 0 to 100. Source: Chande (1995), Stocks & Commodities 13(9).
create or replace macro aroon_of(extreme_index, row_index, n) as 100 * (n - (row_index - extreme_index)) / n;

-- Aroon up: age of the highest high of the last n + 1 bars. Unit: 0 to 100, 100 is new. NULL until they are known.
-- Source: Chande (1995), Stocks & Commodities 13(9); ties as TA-Lib.
create or replace macro aroon_up(bars, n := 25) as table
    with numbered as (
        select source, symbol, interval, ts, high, row_index_of((source, symbol, interval), ts) as row_index
        from query_table(bars)
    )
    select
        source, symbol, interval, ts,
        aroon_of(roll_max_index(high, row_index, n + 1, (source, symbol, interval), ts), row_index, n) as value
    from numbered;

-- Aroon down: age of the lowest low of the last n + 1 bars. Unit: 0 to 100, 100 is new. NULL until they are known.
-- Source: as aroon_up.
create or replace macro aroon_down(bars, n := 25) as table
    with numbered as (
        select source, symbol, interval, ts, low, row_index_of((source, symbol, interval), ts) as row_index
        from query_table(bars)
    )
    select
        source, symbol, interval, ts,
        aroon_of(roll_max_index(-low, row_index, n + 1, (source, symbol, interval), ts), row_index, n) as value
    from numbered;

comment on macro williams_r_of is 'close below the highest in per cent of the range, -100 to 0';
comment on macro table williams_r is 'close below the highest high of n bars in per cent of their range, -100 to 0';
comment on macro mean_abs_deviation_of is 'mean distance of values from their mean';
comment on macro cci_of is 'distance from the mean in 0.015 mean deviations';
comment on macro table cci is 'distance of the typical price from its mean of n bars in 0.015 mean deviations';
comment on macro money_flow_of is 'the flow of a bar whose price rose, else 0';
comment on macro mfi_of is 'share of the inflow, 0 to 100; NULL if nothing flowed';
comment on macro table mfi is 'share of the inflow in the money that flowed in n bars, 0 to 100';
comment on macro buying_pressure_of is 'close above the lower of the low and the close before';
comment on macro ultimate_oscillator_of is 'three shares weighted 4, 2 and 1, 0 to 100';
comment on macro roll_pressure is 'buying pressure per true range in the last n bars';
comment on macro table ultimate_oscillator is 'buying pressure per true range over three lengths, weighted 4, 2, 1';
comment on macro aroon_of is '100 for an extreme on this bar, 0 for one n bars ago';
comment on macro table aroon_up is 'age of the highest high of n + 1 bars, 100 is new';
comment on macro table aroon_down is 'age of the lowest low of n + 1 bars, 100 is new';
