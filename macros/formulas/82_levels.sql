-- Levels for a bar: floor traders' pivots, from high, low and close of the bar before, and prices where
-- the market has turned. Unit: price. NULL where the bar before is not known.
-- Source: Person (2004), A Complete Guide to Technical Trading Tactics, ch. 6; the classic formulas.

create or replace macro pivot_r1_of(high, low, close) as 2 * typical_price_of(high, low, close) - low;
create or replace macro pivot_s1_of(high, low, close) as 2 * typical_price_of(high, low, close) - high;
create or replace macro pivot_r2_of(high, low, close) as typical_price_of(high, low, close) + (high - low);
create or replace macro pivot_s2_of(high, low, close) as typical_price_of(high, low, close) - (high - low);
create or replace macro pivot_r3_of(high, low, close) as
    high + 2 * (typical_price_of(high, low, close) - low);
create or replace macro pivot_s3_of(high, low, close) as
    low - 2 * (high - typical_price_of(high, low, close));

-- Each bar with high, low and close of the bar before.
create or replace macro bars_before(relation) as table
    select
        source, symbol, interval, ts,
        previous(high, (source, symbol, interval), ts) as high,
        previous(low, (source, symbol, interval), ts) as low,
        previous(close, (source, symbol, interval), ts) as close
    from query_table(relation);

-- Pivot: mean of high, low and close of the bar before. Unit: price. NULL where that is not known.
-- Source: Person (2004), A Complete Guide to Technical Trading Tactics, ch. 6.
create or replace macro pivot_p(bars) as table
    select source, symbol, interval, ts, typical_price_of(high, low, close) as value from bars_before(bars);

-- First resistance: twice the pivot less the low before. Unit, NULL and source: as pivot_p.
create or replace macro pivot_r1(bars) as table
    select source, symbol, interval, ts, pivot_r1_of(high, low, close) as value from bars_before(bars);

-- Second resistance: the pivot plus the range before. Unit, NULL and source: as pivot_p.
create or replace macro pivot_r2(bars) as table
    select source, symbol, interval, ts, pivot_r2_of(high, low, close) as value from bars_before(bars);

-- Third resistance: the high before plus twice the pivot above the low. Unit, NULL and source: as pivot_p.
create or replace macro pivot_r3(bars) as table
    select source, symbol, interval, ts, pivot_r3_of(high, low, close) as value from bars_before(bars);

-- First support: twice the pivot less the high before. Unit, NULL and source: as pivot_p.
create or replace macro pivot_s1(bars) as table
    select source, symbol, interval, ts, pivot_s1_of(high, low, close) as value from bars_before(bars);

-- Second support: the pivot less the range before. Unit, NULL and source: as pivot_p.
create or replace macro pivot_s2(bars) as table
    select source, symbol, interval, ts, pivot_s2_of(high, low, close) as value from bars_before(bars);

-- Third support: the low before less twice the high above the pivot. Unit, NULL and source: as pivot_p.
create or replace macro pivot_s3(bars) as table
    select source, symbol, interval, ts, pivot_s3_of(high, low, close) as value from bars_before(bars);

-- The levels of a swing and of the earlier ones near it: those whose price is at most `band` away from this
-- one's.
create or replace macro touches_of(swings, price, band) as
    list_filter(swings, lambda turn: abs(turn.price - price) <= band);

-- Support and resistance: one row per swing, on the bar that confirmed it. A swing high is above the k bars
-- before and after it (of equal highs the newest counts), a swing low below; it is confirmed k bars later,
-- and the row holds nothing that was not known then. Its level is the mean of the swings of its kind that
-- lie within `width` average true ranges (of n bars) of it, among the last `memory` of that kind; `touches`
-- counts them, this one included. Until the average range exists, only equal prices touch. Unit: price.
-- Source: swings as Williams (1995), Trading Chaos, ch. 9, with k = 2 there.
create or replace macro support_resistance(bars, k := 5, width := 0.5, n := 14, memory := 100) as table
    with ranged as (from average_ranges(bars, n)),
    candidates as (
        select
            source, symbol, interval, 'resistance' as kind, ts as confirmed_at, row_index, average_range,
            value_before(ts, k, (source, symbol, interval), ts) as pivot_ts,
            value_before(high, k, (source, symbol, interval), ts) as pivot_price,
            roll_max_index(high, row_index, 2 * k + 1, (source, symbol, interval), ts) as extreme_index
        from ranged
        union all
        select
            source, symbol, interval, 'support' as kind, ts as confirmed_at, row_index, average_range,
            value_before(ts, k, (source, symbol, interval), ts) as pivot_ts,
            value_before(low, k, (source, symbol, interval), ts) as pivot_price,
            roll_max_index(-low, row_index, 2 * k + 1, (source, symbol, interval), ts) as extreme_index
        from ranged
    ),
    swings as (
        select *, {'ts': pivot_ts, 'price': pivot_price} as own_swing
        from candidates
        where extreme_index = row_index - k
    ),
    remembered as (
        select *, recent_list(own_swing, memory, (source, symbol, interval, kind), confirmed_at) as recent_swings
        from swings
    ),
    touched as (
        select *, touches_of(recent_swings, pivot_price, coalesce(width * average_range, 0)) as touching
        from remembered
    )
    select
        source, symbol, interval, kind, confirmed_at,
        list_avg(list_transform(touching, lambda turn: turn.price)) as level,
        len(touching) as touches,
        pivot_ts, pivot_price,
        touching[1].ts as first_pivot_ts,
        touching[-1].ts as last_pivot_ts
    from touched;

comment on macro pivot_r1_of is 'twice the pivot less the low';
comment on macro pivot_s1_of is 'twice the pivot less the high';
comment on macro pivot_r2_of is 'pivot plus range';
comment on macro pivot_s2_of is 'pivot less range';
comment on macro pivot_r3_of is 'high plus twice the pivot above the low';
comment on macro pivot_s3_of is 'low less twice the high above the pivot';
comment on macro table bars_before is 'each bar with high, low and close of the bar before';
comment on macro table pivot_p is 'mean of high, low and close of the bar before';
comment on macro table pivot_r1 is 'first resistance from the bar before';
comment on macro table pivot_r2 is 'second resistance from the bar before';
comment on macro table pivot_r3 is 'third resistance from the bar before';
comment on macro table pivot_s1 is 'first support from the bar before';
comment on macro table pivot_s2 is 'second support from the bar before';
comment on macro table pivot_s3 is 'third support from the bar before';
comment on macro touches_of is 'the swings whose price is at most `band` away';
comment on macro table support_resistance is 'swing highs and lows, with mean and count of those near by then';
