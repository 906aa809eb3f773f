-- Recursions of the stored models, y = decay * previous y + input, over rows as they lie (see 12_streams.sql; for builds
-- only). The same doubling as 11_filters.sql, which it equals to rounding (tests/formulas/test_streams.py).

-- A recursion as a struct column whose name starts with state_: what the state of the row before counts, and what is
-- added. A series starts anew on its row 0; where the input is not known, the state stays as it is. On the row `known_row`
-- the state is `known`, as it was stored: an incremental build carries on from there, a full one has NULL for both.
create or replace macro filter_of(weight, input, row_index, known_row, known) as
    {
        'decay': case when row_index = 0 or row_index = known_row then 0.0::double
                      when input is null then 1.0::double else 1 - weight end,
        'state': case when row_index = known_row then known else coalesce(input, 0.0::double) end
    };

-- One doubling: a state that holds `distance` inputs, joined with the one `distance` rows before.
create or replace macro filter_step(x, distance) as
    {
        'decay': x.decay * lag(x.decay, distance, 0.0::double) over (),
        'state': x.state + x.decay * lag(x.state, distance, 0.0::double) over ()
    };

-- The relation with all its state_ columns run to the end: 2,048 inputs count, enough for exponential averages of 100 and
-- Wilder's of 50 (what lies further back weighs less than rounding); config.yaml refuses longer ones.
create or replace macro filtered(relation) as table
    with y2 as (
        select columns(lambda name: not starts_with(name, 'state_')), filter_step(columns('^state_.*'), 1) as '\0'
        from query_table(relation)
    ),
    y4 as (
        select columns(lambda name: not starts_with(name, 'state_')), filter_step(columns('^state_.*'), 2) as '\0' from y2
    ),
    y8 as (
        select columns(lambda name: not starts_with(name, 'state_')), filter_step(columns('^state_.*'), 4) as '\0' from y4
    ),
    y16 as (
        select columns(lambda name: not starts_with(name, 'state_')), filter_step(columns('^state_.*'), 8) as '\0' from y8
    ),
    y32 as (
        select columns(lambda name: not starts_with(name, 'state_')), filter_step(columns('^state_.*'), 16) as '\0' from y16
    ),
    y64 as (
        select columns(lambda name: not starts_with(name, 'state_')), filter_step(columns('^state_.*'), 32) as '\0' from y32
    ),
    y128 as (
        select columns(lambda name: not starts_with(name, 'state_')), filter_step(columns('^state_.*'), 64) as '\0' from y64
    ),
    y256 as (
        select columns(lambda name: not starts_with(name, 'state_')), filter_step(columns('^state_.*'), 128) as '\0' from y128
    ),
    y512 as (
        select columns(lambda name: not starts_with(name, 'state_')), filter_step(columns('^state_.*'), 256) as '\0' from y256
    ),
    y1024 as (
        select columns(lambda name: not starts_with(name, 'state_')), filter_step(columns('^state_.*'), 512) as '\0' from y512
    ),
    y2048 as (
        select columns(lambda name: not starts_with(name, 'state_')), filter_step(columns('^state_.*'), 1024) as '\0' from y1024
    )
    from y2048;

comment on macro filter_of is 'a recursion as a struct column: what the state before counts and what is added';
comment on macro filter_step is 'the recursion joined with itself `distance` rows before; builds only';
comment on macro table filtered is 'y = decay * previous y + input for every state_ column, over rows as they lie; builds only';
