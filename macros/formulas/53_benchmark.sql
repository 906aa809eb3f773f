-- A series beside its benchmark: returns of the bars that both have, and the line through them. `benchmark`
-- names a relation that holds, for each series, the bars of its benchmark under the key of the series.

-- Prices are joined first, returns come after: both returns of a bar span the same time. A bar without either
-- price has neither return. Adds simple_return, benchmark_return, their excess over the annual rate,
-- active_return and bars_per_year: `ppy`, or what the bars say of the series. Give it where the benchmark trades
-- on fewer days (a coin beside a stock: 252).
create or replace macro benchmark_pairs(relation, benchmark, rate, ppy) as table
    with joined as (
        select
            source, symbol, interval, ts,
            coalesce(ppy, own.periods_per_year)::double as bars_per_year,
            case when other.adj_close is not null then own.adj_close end as price,
            case when own.adj_close is not null then other.adj_close end as other_price
        from query_table(relation) as own
        inner join query_table(benchmark) as other using (source, symbol, interval, ts)
    ),
    stepped as (
        select
            *,
            simple_return_of(price, previous_known(price, (source, symbol, interval), ts)) as own_step,
            simple_return_of(other_price, previous_known(other_price, (source, symbol, interval), ts)) as other_step
        from joined
    ),
    paired as (
        select
            source, symbol, interval, ts, bars_per_year,
            case when other_step is not null then own_step end as simple_return,
            case when own_step is not null then other_step end as benchmark_return
        from stepped
    )
    select
        *,
        simple_return - benchmark_return as active_return,
        case when rate = 0 then simple_return
             else excess_return_of(simple_return, rate, bars_per_year) end as excess_return,
        case when rate = 0 then benchmark_return
             else excess_return_of(benchmark_return, rate, bars_per_year) end as benchmark_excess_return
    from paired;

-- Pearson correlation of two returns. Unit: 1, -1 to 1. NULL when either is constant.
create or replace macro correlation(r, other) as
    case when has_moved(max(r), min(r)) and has_moved(max(other), min(other))
         then finite_or_null(corr(r, other)) end;
create or replace macro roll_correlation(r, other, n, series, ts) as
    case when has_moved(roll_max(r, n, series, ts), roll_min(r, n, series, ts))
             and has_moved(roll_max(other, n, series, ts), roll_min(other, n, series, ts))
         then roll_corr(r, other, n, series, ts) end;
create or replace macro correlation(bars, benchmark) as table
    select source, symbol, interval, null::timestamptz as ts, correlation(simple_return, benchmark_return) as value
    from benchmark_pairs(bars, benchmark, 0, null)
    group by source, symbol, interval;

-- Slope and intercept (per year) of excess return on the benchmark's excess return. Units: 1; 1 per year.
-- NULL when either is constant. Sources: Sharpe (1964), J. Finance 19(3); Jensen (1968), J. Finance 23(2).
create or replace macro beta(excess_return, benchmark_excess_return) as
    case when has_moved(max(excess_return), min(excess_return))
             and has_moved(max(benchmark_excess_return), min(benchmark_excess_return))
         then finite_or_null(regr_slope(excess_return, benchmark_excess_return)) end;
create or replace macro jensen_alpha(excess_return, benchmark_excess_return, ppy) as
    case when has_moved(max(excess_return), min(excess_return))
             and has_moved(max(benchmark_excess_return), min(benchmark_excess_return))
         then finite_or_null(regr_intercept(excess_return, benchmark_excess_return) * ppy) end;
create or replace macro roll_beta(excess_return, benchmark_excess_return, n, series, ts) as
    case when has_moved(roll_max(excess_return, n, series, ts), roll_min(excess_return, n, series, ts))
             and has_moved(
                 roll_max(benchmark_excess_return, n, series, ts), roll_min(benchmark_excess_return, n, series, ts)
             )
         then roll_slope(excess_return, benchmark_excess_return, n, series, ts) end;

create or replace macro beta(bars, benchmark, rf := 0.0, ppy := null) as table
    select
        source, symbol, interval, null::timestamptz as ts, beta(excess_return, benchmark_excess_return) as value
    from benchmark_pairs(bars, benchmark, rf, ppy)
    group by source, symbol, interval;
create or replace macro jensen_alpha(bars, benchmark, rf := 0.0, ppy := null) as table
    select
        source, symbol, interval, null::timestamptz as ts,
        jensen_alpha(excess_return, benchmark_excess_return, any_value(bars_per_year)) as value
    from benchmark_pairs(bars, benchmark, rf, ppy)
    group by source, symbol, interval;

-- The same, compounded over the year. Unit: 1 per year.
create or replace macro alpha_geometric_of(bar_alpha, ppy) as power_or_null(1 + bar_alpha, ppy) - 1;
create or replace macro alpha_geometric(bars, benchmark, rf := 0.0, ppy := null) as table
    select
        source, symbol, interval, null::timestamptz as ts,
        alpha_geometric_of(
            jensen_alpha(excess_return, benchmark_excess_return, 1), any_value(bars_per_year)
        ) as value
    from benchmark_pairs(bars, benchmark, rf, ppy)
    group by source, symbol, interval;

-- Share of the variance that the line explains. Unit: 1, 0 to 1. NULL when either is constant.
create or replace macro r_squared(bars, benchmark, rf := 0.0, ppy := null) as table
    select
        source, symbol, interval, null::timestamptz as ts,
        pow(correlation(excess_return, benchmark_excess_return), 2) as value
    from benchmark_pairs(bars, benchmark, rf, ppy)
    group by source, symbol, interval;

-- Of the last n bars that both have; NULL on a bar that the benchmark lacks.
create or replace macro rolling_correlation(bars, benchmark, n := 252) as table
    with rolled as (
        select
            source, symbol, interval, ts,
            roll_correlation(simple_return, benchmark_return, n, (source, symbol, interval), ts) as value
        from benchmark_pairs(bars, benchmark, 0, null)
    )
    select source, symbol, interval, ts, value
    from query_table(bars)
    left join rolled using (source, symbol, interval, ts);
create or replace macro rolling_beta(bars, benchmark, n := 252) as table
    with rolled as (
        select
            source, symbol, interval, ts,
            roll_beta(simple_return, benchmark_return, n, (source, symbol, interval), ts) as value
        from benchmark_pairs(bars, benchmark, 0, null)
    )
    select source, symbol, interval, ts, value
    from query_table(bars)
    left join rolled using (source, symbol, interval, ts);

comment on macro table benchmark_pairs is
    'returns of a series and of its benchmark, over the bars that both have';
comment on macro correlation is 'Pearson correlation of returns';
comment on macro table correlation is 'Pearson correlation of the returns with those of the benchmark';
comment on macro roll_correlation is 'Pearson correlation of the last n returns';
comment on macro beta is 'least-squares slope of excess returns on the benchmark excess returns';
comment on macro table beta is 'least-squares slope of excess returns on those of the benchmark';
comment on macro jensen_alpha is 'least-squares intercept of excess returns, times bars per year';
comment on macro table jensen_alpha is
    'least-squares intercept of excess returns on those of the benchmark, times bars per year';
comment on macro roll_beta is 'beta of the last n bars';
comment on macro alpha_geometric_of is 'alpha of a bar, compounded over the year';
comment on macro table alpha_geometric is
    'least-squares intercept of excess returns on those of the benchmark, compounded';
comment on macro table r_squared is 'share of the variance of excess returns that the benchmark explains';
comment on macro table rolling_correlation is 'Pearson correlation with the benchmark over the last n bars';
comment on macro table rolling_beta is 'least-squares slope on the benchmark over the last n bars';
