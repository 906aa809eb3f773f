-- Indicators that remember a path. Their last step is a function over the lists of a series
-- (udfs/paths.py), which has to be registered: at the plain prompt these are read from where they are
-- stored.

-- How straight a price went: its change over n bars per sum of its moves. Unit: 1, 0 to 1; 1 where it did
-- not move.
create or replace macro efficiency_ratio_of(change, moves) as
    case when moves = 0 then 1.0::double else abs(change) / moves end;
create or replace macro kama_weight_of(efficiency, fast, slow) as
    pow(efficiency * (ema_weight(fast) - ema_weight(slow)) + ema_weight(slow), 2);

-- Kaufman's adaptive moving average: an exponential average whose weight follows the efficiency of the last
-- n bars, between those of `fast` and `slow`. Unit: price. NULL before bar n (from 0).
-- Source: Kaufman (1995), Smarter Trading; TA-Lib for the seed, the close before the first value.
create or replace macro kama(bars, n := 10, fast := 2, slow := 30) as table
    with given as (from query_table(bars)),
    moved as (
        select
            *, abs(close - previous(close, (source, symbol, interval), ts)) as move,
            close - value_before(close, n, (source, symbol, interval), ts) as change
        from known_closes('given')
    ),
    weighted as (
        select
            *, efficiency_ratio_of(change, roll_sum(move, n, (source, symbol, interval), ts)) as efficiency
        from moved
    ),
    listed as (
        select
            source, symbol, interval, list(ts order by ts) as instants, list(close order by ts) as closes,
            list(kama_weight_of(efficiency, fast, slow) order by ts) as weights
        from weighted
        group by source, symbol, interval
    )
    select
        source, symbol, interval, unnest(instants) as ts,
        unnest(adaptive_path(closes, weights).value) as value
    from listed
    union all
    from unknown_closes('given');

-- Parabolic stop and reverse: a stop that follows the trend, faster by `step` with each new extreme, at
-- most by `max`, and turns when it is touched. Unit: price. NULL on the first bar.
-- Source: Wilder (1978), New Concepts in Technical Trading Systems, ch. 2; TA-Lib for the start.
create or replace macro psar(bars, step := 0.02, max := 0.2) as table
    with given as (from query_table(bars)),
    listed as (
        select
            source, symbol, interval, list(ts order by ts) as instants,
            list(high order by ts) as highs, list(low order by ts) as lows
        from known_ranges('given')
        group by source, symbol, interval
    )
    select
        source, symbol, interval, unnest(instants) as ts,
        unnest(parabolic_path(highs, lows, step, max).value) as value
    from listed
    union all
    from unknown_ranges('given');

-- Supertrend's line and its side, +1 below the price, -1 above it, from bands k average true ranges around
-- the middle of the bar.
create or replace macro supertrend_lines(relation, n, k) as table
    with banded as (
        select
            source, symbol, interval, ts, close,
            band_of(middle_of(high, low), -k, average_range) as lower_band,
            band_of(middle_of(high, low), k, average_range) as upper_band
        from average_ranges(relation, n)
    ),
    listed as (
        select
            source, symbol, interval, list(ts order by ts) as instants,
            supertrend_path(
                list(lower_band order by ts), list(upper_band order by ts), list(close order by ts)
            ) as path
        from banded
        group by source, symbol, interval
    )
    select
        source, symbol, interval, unnest(instants) as ts, unnest(path.line) as line,
        unnest(path.direction) as direction
    from listed;

-- Supertrend: a band of k average true ranges (of n bars) that trails the price until a close beyond it
-- turns the trend. Unit: price. NULL before bar n (from 0); it is taken to start upwards, which shows until
-- its first turn.
-- Source: Seban (2008), Tout le monde merite d'etre riche; start and carry as TA-Lib.
create or replace macro supertrend(bars, n := 10, k := 3.0) as table
    with given as (from query_table(bars))
    select source, symbol, interval, ts, line as value from supertrend_lines('given', n, k)
    union all
    from unknown_ranges('given');

-- Side of the supertrend: +1 upwards, the line below the price, -1 downwards. NULL until its first turn,
-- for the start is only assumed. Source: as supertrend.
create or replace macro supertrend_direction(bars, n := 10, k := 3.0) as table
    with given as (from query_table(bars))
    select source, symbol, interval, ts, direction as value from supertrend_lines('given', n, k)
    union all
    from unknown_ranges('given');

comment on macro efficiency_ratio_of is 'change over the sum of moves, 0 to 1; 1 without any';
comment on macro kama_weight_of is 'square of a weight between those of `slow` and `fast`';
comment on macro table kama is 'exponential average whose weight follows the efficiency of the last n bars';
comment on macro table psar is 'Wilder''s parabolic stop and reverse';
comment on macro table supertrend_lines is 'supertrend''s line and its side';
comment on macro table supertrend is 'band of k average true ranges that trails the price';
comment on macro table supertrend_direction is 'side of the supertrend, +1 upwards, -1 downwards';
