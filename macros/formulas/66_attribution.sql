-- Where a return comes from. What is linked over time here takes a relation of what was held, one row per
-- member and bar: source, symbol, interval, ts, weight (at the bar's start), simple_return, portfolio_return.
-- The weights may drift or be restored; members_of gives such rows, and so do the stored weights.

-- ln(1 + r) / r, which shares out a compound return; 1 for 0. 1 + r is rounded, and both ln and the
-- denominator take what it became, so that no digit is lost near 0. NULL from a total loss on.
-- Sources: Carino (1999), J. Performance Measurement 3(4); Goldberg (1991), ACM Computing Surveys 23(1), th. 4.
create or replace macro carino_factor_of(r) as
    case when 1 + r = 1 then 1.0::double when 1 + r > 0 then ln_or_null(1 + r) / ((1 + r) - 1) end;

-- What each member of `held` added to the total return: sum of k_t w_t r_t over K, k and K the factors of the
-- bar's and of the total return. They sum to it. Unit: 1. NULL where the portfolio once lost all.
create or replace macro linked_contributions(held) as table
    select
        source, symbol, interval,
        case when min(portfolio_return) > -1
             then sum(carino_factor_of(portfolio_return) * weight * simple_return)
                 / carino_factor_of(total_return(portfolio_return)) end as value
    from query_table(held)
    where portfolio_return is not null
    group by source, symbol, interval;

-- What each member added to the total return of weights restored at every bar, linked by Carino's logarithms,
-- so that they sum to it. Unit: 1. NULL where the portfolio once lost all. Source: Carino (1999), J.
-- Performance Measurement 3(4).
create or replace macro contribution_carino(bars, weights := map([]::varchar[], []::double[])) as table
    with restored as (
        from members_of(bars, weights)
    )
    select source, symbol, interval, null::timestamptz as ts, value from linked_contributions('restored');

-- The same of the difference between two returns: (ln(1 + r) - ln(1 + b)) / (r - b), 1 / (1 + b) for equal
-- ones. Source: Carino (1999).
create or replace macro carino_excess_factor_of(r, b) as
    case when r > -1 and b > -1 then carino_factor_of((r - b) / nullif(1 + b, 0)) / nullif(1 + b, 0) end;

-- Brinson and Fachler's effects by bar and segment, of a relation `held` with source, interval, ts, segment,
-- weight and part (weight times return), benchmark_weight and benchmark_part; any number of rows per segment,
-- one whose parts are NULL makes no bar. With w, c and W, C the sums of a segment, R = c / w its return in the
-- portfolio, B = C / W in the benchmark, and b the benchmark's: allocation (w - W) (B - b), selection
-- W (R - B), interaction (w - W) (R - B), written with c and C so that long and short which cancel lose nothing.
-- A segment that one of the two does not hold has the other's return there: all of it is allocation. What
-- weights leave over is the segment 'cash', which earns 0. Per bar the effects sum to portfolio_return -
-- benchmark_return. Unit: 1. Source: Brinson and Fachler (1985), J. Portfolio Management 11(3).
create or replace macro brinson_effects(held) as table
    with rows as (
        from query_table(held) where part is not null and benchmark_part is not null
    ),
    days as (
        select
            interval, ts, sum(part) as portfolio_return, sum(benchmark_part) as benchmark_return,
            1 - sum(weight) as cash, 1 - sum(benchmark_weight) as benchmark_cash,
            common_source(source) as source
        from rows
        group by interval, ts
    ),
    complete as (
        select source, interval, ts, segment, weight, part, benchmark_weight, benchmark_part from rows
        union all
        select source, interval, ts, 'cash', cash, 0.0::double, benchmark_cash, 0.0::double
        from days
        where greatest(abs(cash), abs(benchmark_cash)) > 1e-12
    ),
    segments as (
        select
            common_source(source) as source, interval, ts, segment, sum(weight) as weight, sum(part) as part,
            sum(benchmark_weight) as benchmark_weight, sum(benchmark_part) as benchmark_part
        from complete
        group by interval, ts, segment
    ),
    earned as (
        select
            segments.*, portfolio_return, benchmark_return,
            coalesce(ratio_of(part, weight), ratio_of(benchmark_part, benchmark_weight), 0) as own,
            coalesce(ratio_of(benchmark_part, benchmark_weight), ratio_of(part, weight), 0) as theirs
        from segments
        join days using (interval, ts)
    )
    select
        source, interval, ts, segment, weight, benchmark_weight, portfolio_return, benchmark_return,
        weight * theirs - benchmark_part - (weight - benchmark_weight) * benchmark_return as allocation,
        part - weight * theirs - (weight - benchmark_weight) * (own - theirs) as selection,
        (weight - benchmark_weight) * (own - theirs) as interaction
    from earned;

-- The effects linked over time: sum of k_t times the effect over K, k and K the factors of the bar's and of the
-- total returns, so that all sum to total portfolio return - total benchmark return. NULL where one of the two
-- once lost all. Source: Carino (1999).
create or replace macro linked_brinson_effects(held) as table
    with effects as (
        select *, carino_excess_factor_of(portfolio_return, benchmark_return) as factor from brinson_effects(held)
    ),
    totals as (
        select
            interval,
            case when min(least(portfolio_return, benchmark_return)) > -1
                 then carino_excess_factor_of(total_return(portfolio_return), total_return(benchmark_return))
                 end as total_factor
        from (select distinct interval, ts, portfolio_return, benchmark_return from effects)
        group by interval
    )
    select
        common_source(source) as source, interval, segment,
        sum(factor * allocation) / any_value(total_factor) as allocation,
        sum(factor * selection) / any_value(total_factor) as selection,
        sum(factor * interaction) / any_value(total_factor) as interaction
    from effects
    join totals using (interval)
    group by interval, segment;

comment on macro carino_factor_of is 'ln(1 + r) / r; 1 for 0';
comment on macro table linked_contributions is 'what each member held added to the total return; they sum to it';
comment on macro table contribution_carino is 'what each member added to the total return; they sum to it';
comment on macro carino_excess_factor_of is 'difference of the logarithms of two wealths over that of the returns';
comment on macro table brinson_effects is 'allocation, selection and interaction by bar and segment';
comment on macro table linked_brinson_effects is
    'allocation, selection and interaction of each segment, linked to the total excess return';
