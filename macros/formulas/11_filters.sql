-- Linear recursions y_t = decay y_(t-1) + input_t: what every exponential average, Wilder average and EWMA is.
-- An indicator says its decay and its input (with the seed); how the recursion is evaluated is here alone.

-- Weight of the newest value: exponential average 2 / (n + 1), Wilder's average 1 / n. Unit: 1.
create or replace macro ema_weight(n) as 2.0::double / (n + 1);
create or replace macro wilder_weight(n) as 1.0::double / n;

-- Input of an average of x that starts at bar `first` (0-based) with the mean of the n values up to it, and forgets by
-- 1 - weight from there on. 0 before: nothing is known yet, and nothing is carried.
create or replace macro average_input(x, mean, weight, first, row_index) as
    case when row_index < first then 0.0::double when row_index = first then mean else weight * x end;

-- Bars in a block: so many that decay to their power is some 1e-100. 1 where nothing is carried.
create or replace macro block_length(decay) as
    case when decay > 0 then greatest(least(
        floor(230 / nullif(-ln_or_null(decay), 0)), 1e15::double
    ), 1)::bigint else 1 end;

-- All states of a relation of inputs (source, symbol, interval, line, ts, row_index, decay, input), one recursion per
-- `line` of a series, whose decay is one number; adds `state`. row_index counts 0, 1, 2, ... without a hole; no input
-- may be NULL. Block by block: a sum of the inputs over their weight, times the weight, and what the last bar of the
-- block before has left. What lies further back weighs less than 1e-100: exact to rounding, whatever the decay.
-- The limit is a wall: without it the 1.5 prompt plans two recursions, one upon the other, for ever, because it pushes
-- filters through all their windows (and it forgets MATERIALIZED in a stored macro).
create or replace macro decayed(inputs) as table
    with placed as (
        select
            *, row_index // block_length(decay) as block, row_index % block_length(decay) as place_in_block
        from query_table(inputs)
    ),
    weighted as (select *, pow(decay, place_in_block) as weight from placed),
    summed as (
        select *, weight * running_sum(input / nullif(weight, 0), (source, symbol, interval, line, block), row_index) as inside
        from weighted
    )
    select
        * exclude (block, place_in_block, weight, inside),
        inside + coalesce(
            decay * weight * value_before(inside, place_in_block + 1, (source, symbol, interval, line), row_index),
            0.0::double
        ) as state
    from summed limit 9000000000000000000;

comment on macro ema_weight is 'weight of the newest value in an exponential average of n';
comment on macro wilder_weight is 'weight of the newest value in Wilder''s average of n';
comment on macro average_input is '0 before the first bar, the mean on it, weight times x after it';
comment on macro block_length is 'bars after which a decaying weight is some 1e-100';
comment on macro table decayed is 'y = decay * previous y + input, for every line of every series';
