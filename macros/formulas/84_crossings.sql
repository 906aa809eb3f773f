-- Signals: +1 and -1 on the bar where two lines cross, 0 where they do not, NULL until both exist.

-- Crossing of two lines, from their difference: +1 upwards, -1 downwards, 0 none, NULL where the lines do
-- not exist. The sign is compared with the last one that was not 0, so that a touch is no cross; after a
-- gap (a bar without lines) nobody knows when they crossed, so that is none either.
create or replace macro crossing_of(difference, previous_difference, last_sign) as
    case when difference is null then null
         when previous_difference is null or last_sign is null or sign(difference) = 0 then 0
         when sign(difference) <> last_sign then sign(difference)::integer
         else 0 end;
create or replace macro crossing(difference, series, ts) as
    crossing_of(difference, previous(difference, series, ts), last_nonzero_sign(difference, series, ts));

-- A difference of prices, 0 where it is nothing but rounding beside them: two averages of one constant
-- price are equal.
create or replace macro difference_or_zero(difference, price) as
    case when abs(difference) <= 1e-12 * abs(price) then 0.0::double else difference end;

-- Crossing of a fast and a slow moving average of closes. Unit: +1 the fast one crosses up, -1 down, 0
-- neither. NULL until both are known.
create or replace macro sig_sma_cross(bars, fast := 12, slow := 26) as table
    with averaged as (
        select
            source, symbol, interval, ts,
            sma(close, fast, (source, symbol, interval), ts) as fast_line,
            sma(close, slow, (source, symbol, interval), ts) as slow_line
        from query_table(bars)
    ),
    parted as (select *, difference_or_zero(fast_line - slow_line, slow_line) as distance from averaged)
    select source, symbol, interval, ts, crossing(distance, (source, symbol, interval), ts)::double as value
    from parted;

-- Crossing of the MACD line and its signal. Unit: +1 the line crosses up, -1 down, 0 neither. NULL until
-- both are known.
create or replace macro sig_macd_cross(bars, fast := 12, slow := 26, signal := 9) as table
    with given as (from query_table(bars)),
    parted as (
        select
            source, symbol, interval, ts,
            difference_or_zero(macd_hist_of(macd_line, signal_line), close) as distance
        from macd_lines('given', least(fast, slow), greatest(fast, slow), signal)
    )
    select source, symbol, interval, ts, crossing(distance, (source, symbol, interval), ts)::double as value
    from parted
    union all
    from unknown_closes('given');

-- Leaving the extremes of the relative strength index. Unit: +1 it crosses up through `low`, -1 down
-- through `high`, 0 neither. NULL until it is known.
create or replace macro level_signal_of(crossing_low, crossing_high) as
    case when crossing_low is null or crossing_high is null then null
         when crossing_low = 1 then 1 when crossing_high = -1 then -1 else 0 end;
create or replace macro sig_rsi_level(bars, n := 14, low := 30, high := 70) as table
    with strength as (select *, value - low as above_low, value - high as above_high from rsi(bars, n))
    select
        source, symbol, interval, ts,
        level_signal_of(
            crossing(above_low, (source, symbol, interval), ts),
            crossing(above_high, (source, symbol, interval), ts)
        )::double as value
    from strength;

-- The side of a line on which a value stands, from their difference: +1 above, -1 below, 0 on it. Rounding is
-- no difference, as in difference_or_zero.
create or replace macro side_of(difference, price) as sign(difference_or_zero(difference, price))::tinyint;

-- The side of a value that enters a state at one level and leaves it at another: +1 at or above `enter`, -1
-- below `leave`, 0 between, which changes nothing.
create or replace macro held_side_of(value, enter, leave) as
    case when value >= enter then 1 when value < leave then -1 when value is not null then 0 end::tinyint;

-- Key of a line of a series, as one number: windows tell pairs apart at twice the cost.
create or replace macro line_key_of(series, line) as xor(series::ubigint, hash(line));

-- What sides make of bars: rows of one rule (models/signals), one per (series_id, line, ts), with `side` (+1, 0,
-- -1; NULL where it is not known), `remembered` (the same; of the row that a build goes on from, the last side
-- that was not 0) and `start_side` (what held before any was known). The events, and the newest row of each series:
-- adds last_side, the newest side that was not 0, this row's included, and is_event. An event crosses, as
-- crossing_of says, or, where `is_each`, has a side; and it has a text. Of two lines that are crossed on one bar
-- the first counts.
create or replace macro turns_of(sides) as table
    with

    followed as (
        select *, previous(side, line_key_of(series_id, line), ts) as previous_side
        from query_table(sides)
    ),

    -- Few rows are left: where a side begins, and the newest.
    turned as (
        select
            *, coalesce(last_nonzero_sign(remembered, line_key_of(series_id, line), ts), start_side) as side_before
        from followed
        where is_newest or not is_new or (side <> 0 and (is_each or side is distinct from previous_side))
    ),

    judged as (
        select
            *,
            coalesce(nullif(side, 0), side_before)::tinyint as last_side,
            text is not null and coalesce(
                case when is_each then side <> 0 else crossing_of(side, previous_side, side_before) <> 0 end, false
            ) as is_raised
        from turned
        where is_new
    )

    select
        *,
        is_raised and row_number() over (partition by series_id, ts, is_raised order by line) = 1 as is_event
    from judged
    where is_raised or is_newest;

comment on macro line_key_of is 'a key of (series, line), as one number';
comment on macro side_of is '+1 above, -1 below, 0 where the difference is only rounding';
comment on macro held_side_of is '+1 from `enter` on, -1 below `leave`, 0 between';
comment on macro table turns_of is 'events of sides, and the newest row of each series';
comment on macro crossing_of is '+1 crosses up, -1 crosses down, 0 no crossing';
comment on macro crossing is '+1 where a difference turns positive, -1 where it turns negative, else 0';
comment on macro difference_or_zero is 'the difference; 0 where it is only rounding beside the price';
comment on macro table sig_sma_cross is '+1 where a fast average crosses a slow one upwards, -1 downwards';
comment on macro table sig_macd_cross is '+1 where the MACD line crosses its signal upwards, -1 downwards';
comment on macro level_signal_of is '+1 up through the low level, -1 down through the high one, else 0';
comment on macro table sig_rsi_level is '+1 where RSI rises through the low level, -1 where it falls through the high';
