-- Drawdown episodes: from a peak down to a trough and back to the height of the peak.

-- One row per episode. peak: the last bar at the height from which wealth fell; trough: the first bar at the
-- lowest point; recovery: the first bar back at the peak, NULL while underwater. bars_to_trough counts from
-- the peak, bars_to_recover from the trough; bars_underwater counts those strictly below; calendar_days those
-- from the date of the peak to that of the recovery (UTC). rank 1 is the deepest.
create or replace macro drawdown_episodes(bars) as table
    with placed as (
        select
            source, symbol, interval, ts, drawdown,
            row_index_of((source, symbol, interval), ts) as place,
            running_sum((drawdown = 0)::integer, (source, symbol, interval), ts) as episode
        from drawdowns(bars)
        where drawdown is not null
    ),
    fallen as (
        select
            source, symbol, interval, episode,
            min(ts) as peak,
            min(place) as peak_place,
            arg_min(ts, (drawdown, place)) as trough,
            arg_min(place, (drawdown, place)) as trough_place,
            min(drawdown) as depth,
            max(place) - min(place) as bars_underwater
        from placed
        group by source, symbol, interval, episode
    ),
    recovered as (
        select
            *,
            min_after(peak, (source, symbol, interval), episode) as recovery,
            min_after(peak_place, (source, symbol, interval), episode) as recovery_place
        from fallen
    )
    select
        source, symbol, interval, peak, trough, recovery, depth,
        trough_place - peak_place as bars_to_trough,
        recovery_place - trough_place as bars_to_recover,
        bars_underwater,
        utc_day_of(recovery) - utc_day_of(peak) as calendar_days,
        row_index_of((source, symbol, interval), (depth, peak)) + 1 as rank
    from recovered
    where bars_underwater > 0;

-- The series of a relation: a whole-sample metric has a row for each of them, also for one without episodes.
create or replace macro priced_series(relation) as table
    select source, symbol, interval from query_table(relation) group by source, symbol, interval;

-- Mean depth of the episodes, the open one included. Unit: 1, negative. NULL without one. Source: quantstats.
create or replace macro avg_drawdown(bars) as table
    select source, symbol, interval, null::timestamptz as ts, avg(depth) as value
    from priced_series(bars)
    left join drawdown_episodes(bars) using (source, symbol, interval)
    group by source, symbol, interval;

-- Bars of the longest episode strictly underwater, the open one included. Unit: bars. 0 without one, NULL
-- without returns.
create or replace macro max_drawdown_duration_bars(bars) as table
    with longest as (
        select source, symbol, interval, max(bars_underwater) as value
        from drawdown_episodes(bars)
        group by source, symbol, interval
    ),
    priced as (
        select source, symbol, interval, bool_or(has_return and drawdown is not null) as has_returns
        from drawdowns(bars)
        group by source, symbol, interval
    )
    select
        source, symbol, interval, null::timestamptz as ts,
        case when has_returns then coalesce(value, 0)::double end as value
    from priced
    left join longest using (source, symbol, interval);

-- The return that exactly a share of 1 - confidence is not above: an observation, unlike the type-7 quantile.
-- Unit: 1.
create or replace macro lower_order_statistic(r, confidence) as
    case when is_confidence(confidence) then quantile_disc(r, tail_share_of(confidence)) end;

-- Conditional drawdown at risk: mean of the worst 1 - confidence of all drawdowns, the one at the edge in
-- part. Unit: 1, -1 to 0. Sources: Chekhlov, Uryasev and Zabarankin (2005), IJTAF 8(1); Rockafellar and
-- Uryasev (2002), JBF 26(7).
create or replace macro tail_mean_of(edge, mean_beyond, confidence) as edge + mean_beyond / nullif(1 - confidence, 0);
create or replace macro cdar(bars, confidence := 0.95) as table
    with edges as (
        select
            source, symbol, interval,
            lower_order_statistic(case when has_return then drawdown end, confidence) as edge
        from drawdowns(bars)
        where is_confidence(confidence)
        group by source, symbol, interval
    )
    select
        source, symbol, interval, null::timestamptz as ts,
        tail_mean_of(any_value(edge), avg(case when has_return then least(drawdown - edge, 0) end), confidence) as value
    from drawdowns(bars)
    join edges using (source, symbol, interval)
    group by source, symbol, interval;

comment on macro table drawdown_episodes is 'falls from a peak to a trough and back, deepest first in rank';
comment on macro table priced_series is 'the series of a relation';
comment on macro table avg_drawdown is 'mean depth of the drawdown episodes';
comment on macro table max_drawdown_duration_bars is 'bars of the longest drawdown episode below its peak';
comment on macro lower_order_statistic is 'the least observation that a share of 1 - confidence is not above';
comment on macro tail_mean_of is 'mean of a tail from its edge and the mean of what lies beyond';
comment on macro table cdar is 'mean of the worst 1 - confidence of the drawdowns';
