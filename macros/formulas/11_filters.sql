-- Linear recursions y_t = decay y_(t-1) + input_t: what every exponential average, Wilder average and EWMA is.
-- An indicator says its decay and its input (with the seed); how the recursion is evaluated is here alone.

-- Weight of the newest value: exponential average 2 / (n + 1), Wilder's average 1 / n. Unit: 1.
create or replace macro ema_weight(n) as 2.0::double / (n + 1);
create or replace macro wilder_weight(n) as 1.0::double / n;

-- Input of an average of x that starts at bar `first` (0-based) with the mean of the n values up to it, and forgets by
-- 1 - weight from there on. 0 before: nothing is known yet, and nothing is carried.
create or replace macro average_input(x, mean, weight, first, row_index) as
    case when row_index < first then 0.0::double when row_index = first then mean else weight * x end;

-- One doubling: a state that holds `distance` inputs, joined with the one `distance` bars before.
create or replace macro decayed_by(state, decay, distance, series, ts) as
    state + coalesce(pow(decay, distance) * value_before(state, distance, series, ts), 0.0::double);

-- All states of a relation of inputs (source, symbol, interval, line, ts, row_index, decay, input), one recursion per
-- `line` of a series; adds `state`. row_index counts 0, 1, 2, ... without a hole; no input may be NULL.
-- Exact to rounding: after seventeen doublings 65,536 inputs count, and what lies further back weighs nothing.
-- kept_1 and kept_256 are there for the 1.5 prompt: what is read twice is computed once and kept, and cuts the
-- chain, in which its planner's work would double with every step.
create or replace macro decayed(inputs) as table
    with y1 as (select *, input as state from query_table(inputs)),
    kept_1 as (from y1 union all from y1 where false),
    y2 as (select * replace (decayed_by(state, decay, 1, (source, symbol, interval, line), row_index) as state) from kept_1),
    y4 as (select * replace (decayed_by(state, decay, 2, (source, symbol, interval, line), row_index) as state) from y2),
    y8 as (select * replace (decayed_by(state, decay, 4, (source, symbol, interval, line), row_index) as state) from y4),
    y16 as (select * replace (decayed_by(state, decay, 8, (source, symbol, interval, line), row_index) as state) from y8),
    y32 as (select * replace (decayed_by(state, decay, 16, (source, symbol, interval, line), row_index) as state) from y16),
    y64 as (select * replace (decayed_by(state, decay, 32, (source, symbol, interval, line), row_index) as state) from y32),
    y128 as (select * replace (decayed_by(state, decay, 64, (source, symbol, interval, line), row_index) as state) from y64),
    y256 as (select * replace (decayed_by(state, decay, 128, (source, symbol, interval, line), row_index) as state) from y128),
    kept_256 as (from y256 union all from y256 where false),
    y512 as (select * replace (decayed_by(state, decay, 256, (source, symbol, interval, line), row_index) as state) from kept_256),
    y1024 as (select * replace (decayed_by(state, decay, 512, (source, symbol, interval, line), row_index) as state) from y512),
    y2048 as (select * replace (decayed_by(state, decay, 1024, (source, symbol, interval, line), row_index) as state) from y1024),
    y4096 as (select * replace (decayed_by(state, decay, 2048, (source, symbol, interval, line), row_index) as state) from y2048),
    y8192 as (select * replace (decayed_by(state, decay, 4096, (source, symbol, interval, line), row_index) as state) from y4096),
    y16384 as (select * replace (decayed_by(state, decay, 8192, (source, symbol, interval, line), row_index) as state) from y8192),
    y32768 as (select * replace (decayed_by(state, decay, 16384, (source, symbol, interval, line), row_index) as state) from y16384),
    y65536 as (select * replace (decayed_by(state, decay, 32768, (source, symbol, interval, line), row_index) as state) from y32768)
    -- The limit is a wall: without it the 1.5 prompt plans two recursions, one upon the other, for ever, because it pushes
    -- filters through all their windows (and it forgets MATERIALIZED in a stored macro).
    from y65536 limit 9000000000000000000;

comment on macro ema_weight is 'weight of the newest value in an exponential average of n';
comment on macro wilder_weight is 'weight of the newest value in Wilder''s average of n';
comment on macro average_input is '0 before the first bar, the mean on it, weight times x after it';
comment on macro decayed_by is 'state plus the decayed state of `distance` bars before';
comment on macro table decayed is 'y = decay * previous y + input, for every line of every series';
