-- The path of a portfolio: weights that are given to the members at its rebalancings, and drift with the
-- prices in between. Nothing is recursive: what was rebalanced last is worth target * price / price then. A
-- share of the portfolio that the targets do not name (they need not sum to 1) lies there and earns
-- nothing.

-- Start of the period (UTC) whose last bar is a rebalancing. NULL for 'bar', which is every bar, and
-- 'never'.
create or replace macro rebalance_period_of(rebalance, ts) as
    case rebalance when 'bar' then null when 'never' then null
                   when 'daily' then date_trunc('day', ts at time zone 'UTC')
                   when 'weekly' then date_trunc('week', ts at time zone 'UTC')
                   when 'monthly' then date_trunc('month', ts at time zone 'UTC')
                   when 'quarterly' then date_trunc('quarter', ts at time zone 'UTC')
                   when 'yearly' then date_trunc('year', ts at time zone 'UTC')
                   end;

-- Whether weights are restored at the end of a bar: it is the last one of its period. The newest bar is the
-- last of its day; whether of its month, the next bar tells.
create or replace macro is_rebalancing(rebalance, ts, next_ts) as
    case when rebalance = 'bar' then true
         when next_ts is null then rebalance = 'daily'
         else coalesce(
             rebalance_period_of(rebalance, ts) <> rebalance_period_of(rebalance, next_ts), false
         ) end;

-- Weight in inverse proportion to the volatility. Unit: 1. NULL where no price moves. Source: Maillard,
-- Roncalli and Teiletche (2010), JPM 36(4), whose equal risk it is if all correlations are alike.
create or replace macro inverse_of(deviation) as
    case when is_moving(deviation) then 1 / nullif(deviation, 0) end;

-- Bars with the rules of their portfolio: base_weight (NULL where volatility decides), calendar,
-- deviation_bars. Weights are equal, unless `weights` tells them by symbol (then 0 for who is not named),
-- or `volatility_window` makes them the inverse of the deviation of so many returns up to each rebalancing.
create or replace macro ruled_members(relation, weights, rebalance, volatility_window) as table
    with counted as (
        select interval, count(distinct (source, symbol)) as count_members
        from query_table(relation)
        group by interval
    )
    select
        bars.source, bars.symbol, interval, bars.ts, bars.adj_close, bars.periods_per_year,
        case when cardinality(weights) > 0 then coalesce(weights[bars.symbol], 0.0)::double
             when volatility_window is null then 1.0::double / nullif(count_members, 0) end as base_weight,
        checked_choice(
            rebalance, ['bar', 'daily', 'weekly', 'monthly', 'quarterly', 'yearly', 'never'], 'rebalance'
        ) as calendar,
        volatility_window::integer as deviation_bars
    from query_table(relation) as bars
    join counted using (interval);

-- Of bars with rules, those at which all members of a portfolio have a price, with the return since the bar
-- before and the target: what the rules would give the member at the bar's end, from what is known then.
create or replace macro targeted_members(relation) as table
    with bars as (from query_table(relation)),
    counted as (
        select
            interval, count(distinct (source, symbol)) as count_members,
            min(periods_per_year) as bars_per_year
        from bars
        group by interval
    ),
    common as (
        select
            interval, ts, any_value(counted.count_members) as count_members,
            any_value(bars_per_year) as bars_per_year
        from bars
        join counted using (interval)
        where adj_close is not null
        group by interval, ts
        having count(*) = any_value(counted.count_members)
    ),
    returned as (
        select
            bars.* exclude (periods_per_year), common.count_members, common.bars_per_year,
            simple_return_of(adj_close, previous(adj_close, (source, symbol, interval), ts)) as simple_return
        from bars
        join common using (interval, ts)
    ),
    measured as (
        select
            source, symbol, interval, ts,
            inverse_of(roll_std(simple_return, deviation_bars, (source, symbol, interval), ts)) as inverse
        from returned
        where base_weight is null
    ),
    summed as (
        select interval, ts, case when count(inverse) = count(*) then sum(inverse) end as total
        from measured
        group by interval, ts
    )
    select
        source, symbol, interval, ts, adj_close, bars_per_year, calendar, count_members, simple_return,
        coalesce(base_weight, inverse / nullif(total, 0)) as target
    from returned
    left join measured using (source, symbol, interval, ts)
    left join summed using (interval, ts);

-- The bars of each portfolio from the first one at which all targets are known, which is where it is
-- bought; settled_at is the bar at whose end the weights were set the last time before.
create or replace macro portfolio_bars_of(relation) as table
    with bars as (
        select
            interval, ts, any_value(calendar) as calendar, count(target) = count(*) as is_known
        from query_table(relation)
        group by interval, ts
    ),
    started as (
        select *, min(case when is_known then ts end) over (partition by interval) as started_at from bars
    ),
    marked as (
        select
            interval, ts,
            ts = started_at as is_start,
            ts = started_at or (is_known and is_rebalancing(
                calendar, ts, lead(ts) over (partition by interval order by ts)
            )) as is_rebalanced
        from started
        where ts >= started_at
    )
    select *, previous_known(case when is_rebalanced then ts end, interval, ts) as settled_at from marked;

comment on macro rebalance_period_of is 'start of the period at whose last bar weights are restored';
comment on macro is_rebalancing is 'whether weights are restored at the end of a bar';
comment on macro inverse_of is 'one over a deviation; NULL where nothing moves';
comment on macro table ruled_members is
    'bars of members with the weights and the calendar of their portfolio';
comment on macro table targeted_members is 'members at the bars they share, with return and target weight';
comment on macro table portfolio_bars_of is 'bars of portfolios, and when their weights were set before';
