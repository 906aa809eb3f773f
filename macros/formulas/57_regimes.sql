-- Calm and stormy: where today's volatility stands among that of the year, and the state that follows from
-- it.

-- Mid-rank of x among the values of a list that holds it, as a share of their number: equal values share the
-- mean of their places. Unit: 1, above 0 to 1. NULL for a single value.
create or replace macro mid_rank_share(x, numbers) as
    case when len(numbers) > 1
         then (list_sum(list_transform(numbers, lambda v: (v < x)::integer + (v <= x)::integer)) + 1)
             / nullif(2.0::double * len(numbers), 0) end;
create or replace macro roll_mid_rank_share(x, n, series, ts) as
    mid_rank_share(x, roll_values(x, n, series, ts));

-- Mid-rank of the trailing volatility among the last `lookback` of them, today's included. NULL until there
-- are so many.
create or replace macro vol_percentile(bars, n := 21, lookback := 252, ppy := null) as table
    select
        source, symbol, interval, ts,
        roll_mid_rank_share(value, lookback, (source, symbol, interval), ts) as value
    from realized_vol(bars, n := n, ppy := ppy);

-- A state that is entered at one threshold and left at another: 1 while it holds, 0 else. The newest event
-- decides.
create or replace macro held_state(is_entered, is_left, series, ts) as
    coalesce(newest_known(case when is_entered then 1 when is_left then 0 end, series, ts), 0);

-- Regime of volatility. Unit: 1 high (from `enter_high` of the percentile until below `exit_high`), -1 low
-- (from `enter_low` until above `exit_low`), 0 between. NULL where the percentile is.
create or replace macro vol_regime(
    bars, n := 21, lookback := 252, enter_high := 0.8, exit_high := 0.6, enter_low := 0.2, exit_low := 0.4, ppy := null
) as table
    with placed as (from vol_percentile(bars, n := n, lookback := lookback, ppy := ppy)),
    held as (
        select
            *,
            held_state(value >= enter_high, value < exit_high, (source, symbol, interval), ts) as is_high,
            held_state(value <= enter_low, value > exit_low, (source, symbol, interval), ts) as is_low
        from placed
    )
    select
        source, symbol, interval, ts,
        case when value is not null then (is_high - is_low)::double end as value
    from held;

comment on macro mid_rank_share is 'mid-rank of x among a list that holds it, over its length';
comment on macro roll_mid_rank_share is 'mid-rank of x among the last n, over n';
comment on macro table vol_percentile is 'mid-rank of the trailing volatility among the last lookback values';
comment on macro held_state is '1 from an entering until a leaving event, else 0';
comment on macro table vol_regime is
    '1 high, -1 low, 0 between, with different thresholds to enter and to leave';
