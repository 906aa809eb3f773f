-- Portfolios of all the symbols of a relation of bars, of one interval each. Only bars count at which every
-- member has a price: prices are joined first, returns come after. Rows of the portfolio as a whole have
-- the symbol 'portfolio'.

-- Return of equal weights that are restored at every bar: the mean of the members' returns. Unit: 1.
-- NULL unless every member has a return.
-- Source: DeMiguel, Garlappi and Uppal (2009), Review of Financial Studies 22(5).
create or replace macro equal_weight_return(r) as case when count(r) = count(*) then avg(r) end;

-- The source that all rows of a group share; NULL if they have several.
create or replace macro common_source(source) as case when min(source) = max(source) then min(source) end;

-- A portfolio as one row per member and bar at which all members have a price: its weight (equal for all,
-- unless `weights`, a map or a column of maps, tells them by symbol, and then 0 for who is not named),
-- simple_return since the bar before, portfolio_return of weights that are restored at every bar (NULL
-- unless all returns are known), periods_per_year of the member that trades least: no more bars are common
-- to all.
create or replace macro members_of(relation, weights) as table
    with bars as (
        select * replace (min(periods_per_year) over (partition by interval) as periods_per_year)
        from query_table(relation)
    ),
    counted as (
        select interval, count(distinct (source, symbol)) as count_members from bars group by interval
    ),
    common as (
        select bars.*, counted.count_members
        from bars
        join counted using (interval)
        where adj_close is not null
        qualify count(*) over (partition by interval, ts) = counted.count_members
    ),
    returned as (
        select
            *,
            simple_return_of(adj_close, previous(adj_close, (source, symbol, interval), ts)) as simple_return,
            case when cardinality(weights) = 0 then 1.0::double / count_members
                 else coalesce(weights[symbol], 0.0)::double end as weight
        from common
    )
    select
        *,
        case when count(simple_return) over bar = count_members
             then sum(weight * simple_return) over bar end as portfolio_return
    from returned
    window bar as (partition by interval, ts);

-- The mean of the members' returns, as above, by bar.
create or replace macro equal_weight_return(bars) as table
    select
        common_source(source) as source, 'portfolio' as symbol, interval, ts,
        equal_weight_return(simple_return) as value
    from members_of(bars, map([]::varchar[], []::double[]))
    group by interval, ts;

-- Return of what equal sums, invested at the first common bar and never touched, became. Unit: 1. NULL
-- after all is lost. Source: as above.
create or replace macro buy_hold_return(bars) as table
    with grown as (
        select *, adj_close / nullif(first_of(adj_close, (source, symbol, interval), ts), 0) as growth
        from members_of(bars, map([]::varchar[], []::double[]))
    ),
    wealth as (
        select common_source(source) as source, interval, ts, equal_weight_return(growth) as wealth
        from grown
        group by interval, ts
    )
    select
        source, 'portfolio' as symbol, interval, ts,
        simple_return_of(wealth, previous(wealth, interval, ts)) as value
    from wealth;

comment on macro equal_weight_return is 'mean of the returns of all members; NULL unless all are known';
comment on macro common_source is 'the source of all rows; NULL if they have several';
comment on macro table members_of is 'members of a portfolio at the bars they share, with weight and return';
comment on macro table equal_weight_return is 'return by bar of equal weights, restored at every bar';
comment on macro table buy_hold_return is 'return by bar of equal sums, invested once';
