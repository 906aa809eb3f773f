-- Wilder's directional movement: which way a bar goes beyond the one before, and how one-sided that has
-- been.
-- Source: Wilder (1978), New Concepts in Technical Trading Systems, ch. 4; TA-Lib for the seeds.

-- How far a bar went above or below the one before, if that was the greater of both. Unit: price; not
-- negative. The moves are compared as they are: scaled first, an exact tie would break. NULL on the first
-- bar.
create or replace macro plus_movement_of(high, low, previous_high, previous_low) as
    case when high - previous_high > greatest(previous_low - low, 0) then high - previous_high
         when previous_high is not null then 0.0::double end;
create or replace macro minus_movement_of(high, low, previous_high, previous_low) as
    case when previous_low - low > greatest(high - previous_high, 0) then previous_low - low
         when previous_high is not null then 0.0::double end;

-- Input of Wilder's running sum s - s / n + x: it starts on bar n - 1 with the n - 1 values since bar 1,
-- `total`.
create or replace macro wilder_sum_input(x, total, n, row_index) as
    average_input(x, total, 1.0::double, n - 1, row_index);

-- Share of the movement in the range, and the one-sidedness of both shares. Unit: 0 to 100. NULL where
-- nothing moved.
create or replace macro directional_index_of(movement_sum, range_sum) as
    100 * ratio_of(movement_sum, range_sum);
create or replace macro dx_of(plus_sum, minus_sum) as
    100 * ratio_of(abs(plus_sum - minus_sum), plus_sum + minus_sum);

-- Wilder's sums of range and of movement up and down; they mean something from row_index n on. The first
-- bar, which has none, counts 0.
create or replace macro directional_sums(relation, n) as table
    with moved as (
        select
            source, symbol, interval, ts, row_index,
            coalesce(true_range_of(high, low, previous_close), 0) as bar_range,
            coalesce(plus_movement_of(high, low, previous_high, previous_low), 0) as plus_move,
            coalesce(minus_movement_of(high, low, previous_high, previous_low), 0) as minus_move
        from known_ranges(relation)
    ),
    inputs as (
        select
            *, 'directional' as line, 1 - wilder_weight(n) as decay,
            wilder_sum_input(
                bar_range, roll_sum(bar_range, n, (source, symbol, interval), ts), n, row_index
            ) as input
        from moved
    ),
    ranges as (select * rename (state as range_sum) from decayed('inputs')),
    plus_inputs as (
        select * replace (
            wilder_sum_input(
                plus_move, roll_sum(plus_move, n, (source, symbol, interval), ts), n, row_index
            ) as input
        )
        from ranges
    ),
    pluses as (select * rename (state as plus_sum) from decayed('plus_inputs')),
    minus_inputs as (
        select * replace (
            wilder_sum_input(
                minus_move, roll_sum(minus_move, n, (source, symbol, interval), ts), n, row_index
            ) as input
        )
        from pluses
    )
    select source, symbol, interval, ts, row_index, range_sum, plus_sum, state as minus_sum
    from decayed('minus_inputs');

-- Directional index up, +DI: share of upward movement in the range. Unit: 0 to 100. NULL before bar n (from
-- 0), and while the price has never moved.
create or replace macro plus_di(bars, n := 14) as table
    with given as (from query_table(bars))
    select
        source, symbol, interval, ts,
        case when row_index >= n then directional_index_of(plus_sum, range_sum) end as value
    from directional_sums('given', n)
    union all
    from unknown_ranges('given');

-- Directional index down, -DI: share of downward movement in the range. Unit: 0 to 100. NULL as plus_di.
create or replace macro minus_di(bars, n := 14) as table
    with given as (from query_table(bars))
    select
        source, symbol, interval, ts,
        case when row_index >= n then directional_index_of(minus_sum, range_sum) end as value
    from directional_sums('given', n)
    union all
    from unknown_ranges('given');

-- Average directional index: Wilder's average of the one-sidedness dx, however the price trends. Unit: 0 to
-- 100. NULL before bar 2n - 1 (from 0), and until there was any movement. A bar without dx counts 0 in the
-- seed, the mean of the first n; afterwards it leaves the average as it is.
create or replace macro adx(bars, n := 14) as table
    with given as (from query_table(bars)),
    sided as (
        select
            source, symbol, interval, ts, row_index,
            case when row_index >= n then dx_of(plus_sum, minus_sum) end as dx
        from directional_sums('given', n)
    ),
    counted as (
        select
            source, symbol, interval, ts, coalesce(dx, 0) as dx,
            row_index_of((source, symbol, interval), ts) as row_index
        from sided
        where row_index between n and 2 * n - 1 or dx is not null
    ),
    inputs as (
        select
            source, symbol, interval, 'dx' as line, ts, row_index, 1 - wilder_weight(n) as decay,
            rma_input(dx, roll_avg(dx, n, (source, symbol, interval), ts), n, 0, row_index) as input
        from counted
    ),
    averaged as (from decayed('inputs')),
    carried as (
        select
            sided.*, running_max(dx, (source, symbol, interval), ts) is not null as has_moved,
            coalesce(state, previous_known(state, (source, symbol, interval), ts)) as average
        from sided
        left join averaged using (source, symbol, interval, ts)
    )
    select
        source, symbol, interval, ts,
        case when row_index >= 2 * n - 1 and has_moved then average end as value
    from carried
    union all
    from unknown_ranges('given');

comment on macro plus_movement_of is 'how far a bar went above the one before, if that was its greater move';
comment on macro minus_movement_of is 'how far a bar went below the one before, if that was its greater move';
comment on macro wilder_sum_input is 'input of Wilder''s running sum';
comment on macro directional_index_of is 'share of the movement in the range, 0 to 100';
comment on macro dx_of is 'difference of both movements over their sum, 0 to 100';
comment on macro table directional_sums is 'Wilder''s sums of range and of movement up and down';
comment on macro table plus_di is 'share of upward movement in the range, 0 to 100';
comment on macro table minus_di is 'share of downward movement in the range, 0 to 100';
comment on macro table adx is 'Wilder''s average of the one-sidedness of movement, 0 to 100';
