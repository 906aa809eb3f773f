-- Support and resistance: prices where the market turned, known only once it has.

-- The levels of a swing and of the earlier ones near it: those whose price is at most `band` away from this one's.
create or replace macro touches_of(swings, price, band) as
    list_filter(swings, lambda swing: abs(swing.price - price) <= band);

-- Support and resistance: one row per swing, on the bar that confirmed it. A swing high is above the k bars before and
-- after it (of equal highs the newest counts), a swing low below; it is confirmed k bars later, and the row holds nothing
-- that was not known then.
-- Its level is the mean of the swings of its kind that lie within `width` average true ranges (of n bars) of it, among the
-- last `memory` of that kind; `touches` counts them, this one included. Until the average range exists, only equal prices
-- touch. Unit: price. Source: swings as Williams (1995), Trading Chaos, ch. 9, with k = 2 there.
create or replace macro support_resistance(bars, k := 5, width := 0.5, n := 14, memory := 100) as table
    with ranged as (from average_ranges(bars, n)),
    candidates as (
        select
            source, symbol, interval, 'resistance' as kind, ts as confirmed_at, average_range,
            value_before(ts, k, (source, symbol, interval), ts) as pivot_ts,
            value_before(high, k, (source, symbol, interval), ts) as pivot_price,
            row_index - roll_max_index(high, row_index, 2 * k + 1, (source, symbol, interval), ts) as extreme_age
        from ranged
        union all
        select
            source, symbol, interval, 'support' as kind, ts as confirmed_at, average_range,
            value_before(ts, k, (source, symbol, interval), ts) as pivot_ts,
            value_before(low, k, (source, symbol, interval), ts) as pivot_price,
            row_index - roll_max_index(-low, row_index, 2 * k + 1, (source, symbol, interval), ts) as extreme_age
        from ranged
    ),
    swings as (
        select *, {'ts': pivot_ts, 'price': pivot_price} as swing
        from candidates
        where extreme_age = k
    ),
    remembered as (
        select *, recent_list(swing, memory, (source, symbol, interval, kind), confirmed_at) as recent_swings
        from swings
    ),
    touched as (
        select *, touches_of(recent_swings, pivot_price, coalesce(width * average_range, 0)) as touching
        from remembered
    )
    select
        source, symbol, interval, kind, confirmed_at,
        list_avg(list_transform(touching, lambda swing: swing.price)) as level,
        len(touching) as touches,
        pivot_ts, pivot_price,
        touching[1].ts as first_pivot_ts,
        touching[-1].ts as last_pivot_ts
    from touched;

comment on macro touches_of is 'the swings whose price is at most `band` away';
comment on macro table support_resistance is 'swing highs and lows, with the mean and count of those near them until then';
