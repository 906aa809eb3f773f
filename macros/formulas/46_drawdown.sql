-- Drawdown: how far wealth lies below its highest so far. A return: negative is a loss.

-- Distance from the highest wealth so far. Unit: 1, -1 to 0. Rounding at an exact recovery counts as
-- recovered.
create or replace macro drawdown_of(wealth, peak) as
    case when wealth / nullif(peak, 0) - 1 > -1e-12 then 0.0::double else wealth / nullif(peak, 0) - 1 end;

-- Drawdown of a series of prices (or wealth) at each bar, measured from its first bar on. Unit: 1, -1 to 0.
create or replace macro drawdown(wealth, series, ts) as
    drawdown_of(wealth, running_max(wealth, series, ts));

-- The worst drawdown of a group. Unit: 1, -1 to 0.
create or replace macro max_drawdown(drawdowns) as min(drawdowns);

-- Bars with their drawdown, and whether a bar with a price stands before (has_return): the first one is the
-- peak that all starts from, and no observation. The price itself is the wealth, so that a price back at its
-- peak is exactly recovered; who has lost everything owns no later recovery. NULL on a bar without a price.
create or replace macro drawdowns(relation) as table
    with worst as (
        select
            *,
            running_min(simple_return, (source, symbol, interval), ts) as worst_return,
            previous_known(adj_close, (source, symbol, interval), ts) is not null as has_return
        from with_returns(relation)
    )
    select
        *,
        case when adj_close is null then null
             when worst_return = -1 then -1.0::double
             else drawdown(adj_close, (source, symbol, interval), ts) end as drawdown
    from worst;

create or replace macro drawdown(bars) as table
    select source, symbol, interval, ts, drawdown as value from drawdowns(bars);

create or replace macro max_drawdown(bars) as table
    select source, symbol, interval, null::timestamptz as ts, max_drawdown(drawdown) as value
    from drawdowns(bars)
    group by source, symbol, interval;

-- Root mean square, and mean, of the drawdowns of all bars. Unit: 1, not negative. NULL without returns.
-- Sources: Martin and McCann (1989), The Investor's Guide to Fidelity Funds; Becker (2006), The Zephyr Pain
-- Index.
create or replace macro ulcer_index(drawdowns) as sqrt(avg(drawdowns * drawdowns));
create or replace macro pain_index(drawdowns) as avg(abs(drawdowns));
create or replace macro ulcer_index(bars) as table
    select
        source, symbol, interval, null::timestamptz as ts,
        ulcer_index(case when has_return then drawdown end) as value
    from drawdowns(bars)
    group by source, symbol, interval;
create or replace macro pain_index(bars) as table
    select
        source, symbol, interval, null::timestamptz as ts,
        pain_index(case when has_return then drawdown end) as value
    from drawdowns(bars)
    group by source, symbol, interval;

-- Calmar ratio: growth per unit of the worst drawdown. Unit: 1. NULL without a drawdown.
-- Source: Young (1991), Futures 20(1).
create or replace macro calmar_of(growth, worst_drawdown) as
    ratio_of(growth, abs(worst_drawdown));

-- Martin ratio: growth above the risk-free rate (both per year) per unit of ulcer index. Unit: 1. NULL
-- without a drawdown.
-- Source: Martin and McCann (1989).
create or replace macro martin_ratio_of(growth, rf, ulcer) as ratio_of(growth - rf, ulcer);

-- The bars of each series that are at most so many months older than its last one; all of them for NULL.
create or replace macro latest_months(relation, months) as table
    select * exclude (first_ts)
    from (
        select *, max(ts) over (partition by source, symbol, interval) - to_months(months) as first_ts
        from query_table(relation)
    )
    where months is null or ts >= first_ts;

-- Calmar ratio of the whole sample, or of the last `months` (Young: 36).
create or replace macro calmar(bars, ppy := null, months := null) as table
    with latest as (from latest_months(bars, months))
    select
        source, symbol, interval, null::timestamptz as ts,
        calmar_of(
            cagr(simple_return, any_value(coalesce(ppy, periods_per_year)::double)), max_drawdown(drawdown)
        ) as value
    from drawdowns('latest')
    group by source, symbol, interval;

create or replace macro martin_ratio(bars, rf := 0.0, ppy := null) as table
    select
        source, symbol, interval, null::timestamptz as ts,
        martin_ratio_of(
            cagr(simple_return, any_value(coalesce(ppy, periods_per_year)::double)), rf,
            ulcer_index(case when has_return then drawdown end)
        ) as value
    from drawdowns(bars)
    group by source, symbol, interval;

comment on macro drawdown_of is 'wealth / peak - 1; 0 within 1e-12 of the peak';
comment on macro drawdown is 'distance from the highest value so far';
comment on macro table drawdowns is 'bars with the distance of the adjusted close from its highest so far';
comment on macro table drawdown is 'distance of wealth from its highest so far';
comment on macro max_drawdown is 'the worst of the drawdowns';
comment on macro table max_drawdown is 'the worst drawdown of the whole sample';
comment on macro ulcer_index is 'root mean square of the drawdowns';
comment on macro table ulcer_index is 'root mean square of the drawdowns of all bars';
comment on macro pain_index is 'mean depth of the drawdowns';
comment on macro table pain_index is 'mean depth of the drawdowns of all bars';
comment on macro calmar_of is 'annual growth over the depth of the worst drawdown';
comment on macro table calmar is
    'annual growth over the depth of the worst drawdown, of the whole sample or its last months';
comment on macro martin_ratio_of is 'annual growth above the risk-free rate over the ulcer index';
comment on macro table martin_ratio is 'annual growth above the risk-free rate over the ulcer index';
comment on macro table latest_months is 'bars at most so many months older than the last of their series';
