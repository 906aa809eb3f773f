-- Ratios that count only what falls short of a target. Targets are effective per year; r is the return above
-- the target.

-- Target downside deviation: root mean square of returns below the target, all bars counted, annualised.
-- Unit: 1. The target is taken off first, so that excess returns below 0 fall short of it.
-- Source: Sortino and van der Meer (1991), JPM 17(4).
create or replace macro squared_shortfall_of(excess_return) as
    case when excess_return < 0 then excess_return * excess_return when excess_return >= 0 then 0.0::double end;
create or replace macro downside_deviation(excess_return, ppy) as
    annualise(sqrt(avg(squared_shortfall_of(excess_return))), ppy);
create or replace macro roll_downside_deviation(excess_return, n, ppy, series, ts) as
    annualise(sqrt(roll_avg(squared_shortfall_of(excess_return), n, series, ts)), ppy);

create or replace macro downside_deviation(bars, mar := 0.0, ppy := null) as table
    select
        source, symbol, interval, null::timestamptz as ts,
        downside_deviation(excess_return, any_value(bars_per_year)) as value
    from excess_returns(bars, mar, ppy)
    group by source, symbol, interval;
create or replace macro rolling_downside_deviation(bars, n := 252, mar := 0.0, ppy := null) as table
    select
        source, symbol, interval, ts,
        roll_downside_deviation(excess_return, n, bars_per_year, (source, symbol, interval), ts) as value
    from excess_returns(bars, mar, ppy);

-- Sortino ratio, annualised. Unit: 1. NULL when no return falls short of the target. Source: as above.
create or replace macro sortino_of(mu, annual_downside, ppy) as
    ratio_of(mu * ppy, annual_downside);
create or replace macro sortino(excess_return, ppy) as
    sortino_of(avg(excess_return), downside_deviation(excess_return, ppy), ppy);
create or replace macro roll_sortino(excess_return, n, ppy, series, ts) as
    sortino_of(
        roll_avg(excess_return, n, series, ts),
        roll_downside_deviation(excess_return, n, ppy, series, ts), ppy
    );

create or replace macro sortino(bars, mar := 0.0, ppy := null) as table
    select
        source, symbol, interval, null::timestamptz as ts,
        sortino(excess_return, any_value(bars_per_year)) as value
    from excess_returns(bars, mar, ppy)
    group by source, symbol, interval;
create or replace macro rolling_sortino(bars, n := 252, mar := 0.0, ppy := null) as table
    select
        source, symbol, interval, ts,
        roll_sortino(excess_return, n, bars_per_year, (source, symbol, interval), ts) as value
    from excess_returns(bars, mar, ppy);

-- What lies above a threshold, over what lies below. Unit: 1. NULL when nothing lies below.
-- Source: Keating and Shadwick (2002), J. Performance Measurement 6(3).
create or replace macro positive_part_of(r) as greatest(r, case when r is not null then 0.0::double end);
create or replace macro omega_of(gains, shortfalls) as ratio_of(gains, abs(shortfalls));
create or replace macro omega(excess_return) as
    omega_of(sum(positive_part_of(excess_return)), sum(positive_part_of(-excess_return)));
create or replace macro omega(bars, threshold := 0.0, ppy := null) as table
    select source, symbol, interval, null::timestamptz as ts, omega(excess_return) as value
    from excess_returns(bars, threshold, ppy)
    group by source, symbol, interval;

-- Mean gain above the target over the downside deviation, both per bar. Unit: 1. NULL when no return falls
-- short.
-- Source: Sortino, van der Meer and Plantinga (1999), J. Portfolio Management 26(1).
create or replace macro upside_potential_ratio_of(mean_gain, bar_downside) as ratio_of(mean_gain, bar_downside);
create or replace macro upside_potential_ratio(bars, mar := 0.0, ppy := null) as table
    select
        source, symbol, interval, null::timestamptz as ts,
        upside_potential_ratio_of(avg(positive_part_of(excess_return)), downside_deviation(excess_return, 1)) as value
    from excess_returns(bars, mar, ppy)
    group by source, symbol, interval;

comment on macro squared_shortfall_of is 'square of a negative excess return, else 0';
comment on macro downside_deviation is 'root mean square of the returns below target, annualised';
comment on macro table downside_deviation is 'root mean square of the returns below the target, annualised';
comment on macro roll_downside_deviation is 'downside deviation of the last n bars';
comment on macro table rolling_downside_deviation is 'downside deviation of the last n bars';
comment on macro sortino_of is 'mean excess return per year over annual downside deviation';
comment on macro sortino is 'mean excess return per unit of downside deviation, annualised';
comment on macro table sortino is 'mean return above the target per unit of downside deviation, annualised';
comment on macro roll_sortino is 'Sortino ratio of the last n bars';
comment on macro table rolling_sortino is 'Sortino ratio of the last n bars';
comment on macro positive_part_of is 'a positive return, else 0';
comment on macro omega_of is 'gains over shortfalls';
comment on macro omega is 'sum of the returns above a threshold over that of the returns below';
comment on macro table omega is 'sum of the returns above the threshold over that of the returns below';
comment on macro upside_potential_ratio_of is 'mean gain over downside deviation';
comment on macro table upside_potential_ratio is
    'mean gain above the target over the downside deviation, per bar';
