-- Weights, returns and turnover along the path of a portfolio (60a). All lies over the bars that its
-- members share; wealth that is gone stays gone: who owes more than he owns has lost all, and later rows
-- know nothing.

-- What a member adds to the portfolio's return. What it has no weight in, it adds nothing to, even if its
-- own return is unknown (a member that lost everything).
create or replace macro return_part_of(weight, r) as
    case when weight = 0 then 0.0::double else weight * r end;

-- Return of a portfolio from the parts of its members; all can be lost, not more. NULL unless all are
-- known.
create or replace macro portfolio_return_of(parts) as
    case when count(parts) = count(*) then greatest(sum(parts), -1.0::double) end;

-- One row per member and bar of bars with rules. weight: held during the bar, drifted since the weights
-- were set last (the target, on the bar at whose end the portfolio is bought); drifted_weight: at its end,
-- before any rebalancing; target_weight: what the rebalancing at its end sets, NULL without one. NULL after
-- all is lost, and once the return of a member with a weight is not known.
create or replace macro portfolio_path(relation) as table
    with targeted as (from targeted_members(relation)),
    days as (from portfolio_bars_of('targeted')),
    held as (
        select
            targeted.*, days.is_start, days.is_rebalanced,
            coalesce(settled.target, case when days.is_start then targeted.target end) as set_weight,
            case when days.is_start then 1.0::double
                 else targeted.adj_close / nullif(settled.adj_close, 0) end as growth
        from targeted
        join days using (interval, ts)
        left join targeted as settled
            on settled.interval = days.interval and settled.ts = days.settled_at
            and settled.source = targeted.source and settled.symbol = targeted.symbol
    ),
    worth as (
        select
            interval, ts,
            case when count(growth) = count(*) then 1 + sum(set_weight * (growth - 1)) end as portfolio_growth
        from held
        group by interval, ts
    ),
    drifted as (
        select
            *,
            case when portfolio_growth > 0
                 then ratio_of(set_weight * growth, portfolio_growth) end as drifted_weight
        from held
        join worth using (interval, ts)
    ),
    weighted as (
        select
            *,
            case when is_start then target
                 else previous(
                     case when is_rebalanced then target else drifted_weight end,
                     (source, symbol, interval), ts
                 ) end as weight
        from drifted
    ),
    earned as (
        select
            interval, ts, any_value(is_start) as is_start,
            case when not any_value(is_start)
                 then portfolio_return_of(return_part_of(weight, simple_return)) end as portfolio_return
        from weighted
        group by interval, ts
    ),
    judged as (
        select
            *,
            running_min(
                coalesce(portfolio_return, case when is_start then 0.0::double else -1.0::double end),
                interval, ts
            ) as worst,
            running_min((is_start or portfolio_return is not null)::integer, interval, ts) as is_known
        from earned
    ),
    lasting as (
        select
            interval, ts, portfolio_return, worst > -1 as is_alive,
            is_known = 1 and (is_start or previous(worst, interval, ts) > -1) as is_held
        from judged
    )
    select
        source, symbol, interval, ts, bars_per_year, count_members, is_start, adj_close,
        case when is_alive and is_rebalanced then target end as target_weight,
        case when is_held then weight end as weight,
        case when not is_start then simple_return end as simple_return,
        case when is_alive then drifted_weight end as drifted_weight,
        is_alive and is_rebalanced as is_rebalanced,
        case when is_held then portfolio_return end as portfolio_return
    from weighted
    join lasting using (interval, ts);

-- What a rebalancing moves, one way: half the sum of |target - drifted weight|. Unit: 1; 0 without one.
create or replace macro turnover_of(target_weight, drifted_weight, is_rebalanced) as
    case when not bool_or(is_rebalanced) then case when count(drifted_weight) = count(*) then 0.0::double end
         when count(drifted_weight) = count(*) and count(target_weight) = count(*)
         then sum(abs(target_weight - drifted_weight)) / 2 end;

-- What rebalancings move in a year. Unit: 1 per year. NULL without a bar after the first.
create or replace macro annual_turnover(turnover, ppy) as avg(turnover) * ppy;

-- Wealth as a price, 100 at the start: a portfolio is a series as any other. Unit: price.
create or replace macro index_of(wealth) as 100 * wealth;

-- One row per portfolio and bar: its return since the bar before (NULL on the first one), turnover at its
-- end, and wealth, 1 at the first bar.
create or replace macro portfolio_days(relation) as table
    with summed as (
        select
            common_source(source) as source, interval, ts, any_value(portfolio_return) as portfolio_return,
            any_value(is_start) as is_start,
            turnover_of(target_weight, drifted_weight, is_rebalanced) as turnover,
            any_value(count_members) as count_members, any_value(bars_per_year) as periods_per_year
        from query_table(relation)
        group by interval, ts
    ),
    grown as (
        select
            *,
            running_product(1 + coalesce(portfolio_return, 0.0::double), interval, ts) as growth,
            running_sum((portfolio_return is null)::integer, interval, ts) as count_unknown
        from summed
    )
    select
        source, interval, ts, portfolio_return,
        case when not is_start then turnover end as turnover,
        case when count_unknown = 1 then growth end as wealth,
        count_members, periods_per_year
    from grown;

comment on macro return_part_of is 'weight times return; 0 of what has no weight';
comment on macro portfolio_return_of is 'sum of the parts of all members, at worst -1';
comment on macro table portfolio_path is 'weights and returns of the members of portfolios along their bars';
comment on macro turnover_of is 'half the sum of the weight changes of a rebalancing';
comment on macro annual_turnover is 'mean turnover of a bar times bars per year';
comment on macro index_of is '100 times wealth';
comment on macro table portfolio_days is 'return, turnover and wealth of portfolios by bar';
