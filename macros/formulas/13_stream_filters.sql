-- Recursions of the stored models, y = decay * previous y + input, over rows as they lie (see 12_streams.sql; for builds
-- only). The same recursion as in 11_filters.sql, to rounding (tests/formulas/test_streams.py).

-- A moving average of x as a struct column whose name starts with state_: how much of the state before stays, and what is
-- added. It starts on row `start` of its series as the plain mean of what came since, of n rows in the end, and weighs the
-- newest value by `weight` from there on; an x that is not known leaves it as it is.
create or replace macro newest_weight(weight, n, start, row_index) as
    case when row_index < start then 0.0::double
         when row_index < start + n then 1.0::double / nullif(row_index - start + 1, 0)
         else weight end;
create or replace macro average_filter(x, weight, n, start, row_index) as
    {
        'decay': case when row_index <= start then 0.0::double when x is null then 1.0::double
                      else 1 - newest_weight(weight, n, start, row_index) end,
        'state': coalesce(newest_weight(weight, n, start, row_index) * x, 0.0::double)
    };

-- Wilder's running sum s - s / n + x, which starts with the plain sum of the n - 1 values since row 1.
create or replace macro wilder_sum_filter(x, n, row_index) as
    {
        'decay': case when row_index < 1 then 0.0::double when x is null or row_index < n then 1.0::double
                      else 1 - wilder_weight(n) end,
        'state': coalesce(case when row_index > 0 then x end, 0.0::double)
    };

-- The sum of x since the last row whose place in its series is a multiple of 2,048; what is not known counts 0. Nothing is
-- forgotten: `filtered` must run to the end, slowest 0.
create or replace macro sum_filter(x, row_index) as
    {'decay': case when row_index % 2048 = 0 then 0.0::double else 1.0::double end, 'state': coalesce(x, 0.0::double)};

-- One doubling: a state that holds `distance` inputs, joined with the one `distance` rows before, as long as that weighs
-- more than rounding.
create or replace macro filter_step(x, distance, slowest) as
    case when pow(1 - slowest, distance) > 1e-16
         then {
             'decay': x.decay * lag(x.decay, distance, 0.0::double) over (),
             'state': x.state + x.decay * lag(x.state, distance, 0.0::double) over ()
         }
         else x end;

-- The relation with all its state_ columns run to the end. `slowest` is the least weight of a newest value among them: it
-- says how many doublings it takes until what lies further back weighs nothing, at most 2,048 rows; that is enough for
-- exponential averages of 100 and Wilder's of 50, and config.yaml refuses longer ones.
create or replace macro filtered(relation, slowest) as table
    with y2 as (
        select
            columns(lambda name: not starts_with(name, 'state_')),
            filter_step(columns('^state_.*'), 1, slowest) as '\0'
        from query_table(relation)
    ),
    y4 as (
        select
            columns(lambda name: not starts_with(name, 'state_')),
            filter_step(columns('^state_.*'), 2, slowest) as '\0'
        from y2
    ),
    y8 as (
        select
            columns(lambda name: not starts_with(name, 'state_')),
            filter_step(columns('^state_.*'), 4, slowest) as '\0'
        from y4
    ),
    y16 as (
        select
            columns(lambda name: not starts_with(name, 'state_')),
            filter_step(columns('^state_.*'), 8, slowest) as '\0'
        from y8
    ),
    y32 as (
        select
            columns(lambda name: not starts_with(name, 'state_')),
            filter_step(columns('^state_.*'), 16, slowest) as '\0'
        from y16
    ),
    y64 as (
        select
            columns(lambda name: not starts_with(name, 'state_')),
            filter_step(columns('^state_.*'), 32, slowest) as '\0'
        from y32
    ),
    y128 as (
        select
            columns(lambda name: not starts_with(name, 'state_')),
            filter_step(columns('^state_.*'), 64, slowest) as '\0'
        from y64
    ),
    y256 as (
        select
            columns(lambda name: not starts_with(name, 'state_')),
            filter_step(columns('^state_.*'), 128, slowest) as '\0'
        from y128
    ),
    y512 as (
        select
            columns(lambda name: not starts_with(name, 'state_')),
            filter_step(columns('^state_.*'), 256, slowest) as '\0'
        from y256
    ),
    y1024 as (
        select
            columns(lambda name: not starts_with(name, 'state_')),
            filter_step(columns('^state_.*'), 512, slowest) as '\0'
        from y512
    ),
    y2048 as (
        select
            columns(lambda name: not starts_with(name, 'state_')),
            filter_step(columns('^state_.*'), 1024, slowest) as '\0'
        from y1024
    )
    from y2048;

comment on macro newest_weight is 'weight of the newest value: of a plain mean first, then as given';
comment on macro average_filter is 'a moving average as a struct column: what of the state before stays and what is added';
comment on macro wilder_sum_filter is 'Wilder''s running sum as a struct column';
comment on macro sum_filter is 'a running sum as a struct column, anew every 2,048 rows';
comment on macro filter_step is 'the recursion joined with itself `distance` rows before; builds only';
comment on macro table filtered is 'y = decay * previous y + input for every state_ column, over rows as they lie; builds only';
