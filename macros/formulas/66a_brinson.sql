-- Brinson attribution: why a return is not its benchmark's.

-- Carino's factor of the difference between two returns: (ln(1 + r) - ln(1 + b)) / (r - b), 1 / (1 + b) for equal
-- ones. Source: Carino (1999).
create or replace macro carino_excess_factor_of(r, b) as
    case when r > -1 and b > -1 then carino_factor_of((r - b) / nullif(1 + b, 0)) / nullif(1 + b, 0) end;

-- Return of a segment. NULL where its weights cancel but for rounding (0.1 + 0.2 - 0.3), which no return is of.
create or replace macro segment_return_of(part, weight) as
    case when abs(weight) > 1e-9 then part / nullif(weight, 0) end;

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
            coalesce(segment_return_of(part, weight), segment_return_of(benchmark_part, benchmark_weight), 0)
                as own,
            coalesce(segment_return_of(benchmark_part, benchmark_weight), segment_return_of(part, weight), 0)
                as theirs
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
-- total returns, so that all sum to total portfolio return - total benchmark return; with the mean weights. NULL
-- where one of the two once lost all. Source: Carino (1999).
create or replace macro linked_brinson_effects(held) as table
    with effects as (
        select
            *, carino_excess_factor_of(portfolio_return, benchmark_return) as factor
        from brinson_effects(held)
    ),
    totals as (
        select
            interval, total_return(portfolio_return) as portfolio_return,
            total_return(benchmark_return) as benchmark_return,
            case when min(least(portfolio_return, benchmark_return)) > -1
                 then carino_excess_factor_of(total_return(portfolio_return), total_return(benchmark_return))
                 end as total_factor
        from (select distinct interval, ts, portfolio_return, benchmark_return from effects)
        group by interval
    )
    select
        common_source(source) as source, interval, segment,
        avg(weight) as weight, avg(benchmark_weight) as benchmark_weight,
        any_value(totals.portfolio_return) as portfolio_return,
        any_value(totals.benchmark_return) as benchmark_return,
        sum(factor * allocation) / nullif(any_value(total_factor), 0) as allocation,
        sum(factor * selection) / nullif(any_value(total_factor), 0) as selection,
        sum(factor * interaction) / nullif(any_value(total_factor), 0) as interaction
    from effects
    join totals using (interval)
    group by interval, segment;

-- Parts of a return over spans of bars, by segment: what both calendars do not share lies within a span. Of a
-- relation with interval, span (the instant at which it ends), ts, segment, weight, part and portfolio_return: the
-- weight at its beginning, the parts linked as above; they sum to portfolio_return, that of the span.
create or replace macro spanned_parts(held) as table
    select
        interval, span, segment, arg_min(weight, ts) as weight,
        sum(carino_factor_of(portfolio_return) * part)
            / nullif(carino_factor_of(total_return(portfolio_return)), 0) as part,
        total_return(portfolio_return) as portfolio_return
    from query_table(held)
    group by interval, span, segment
    having min(portfolio_return) > -1;

-- Two paths of segments side by side, as brinson_effects takes them, of a relation with interval, is_own (else
-- the benchmark's), ts, segment, weight, part and portfolio_return, that of the side. Only days that both have
-- end a span; what one has in between is linked into it, so that no price is stale. Without rows where one of
-- the two once lost all.
create or replace macro compared_segments(paths) as table
    with sides as (
        from query_table(paths)
    ),
    common as (
        select interval, ts, ts = min(ts) over (partition by interval) as is_first
        from (select interval, ts from sides group by interval, ts having count(distinct is_own) = 2)
    ),
    lost as (
        select distinct interval from sides where portfolio_return <= -1
    ),
    placed as (
        select
            {'series': sides.interval, 'is_own': is_own} as interval, common.ts as span, sides.ts, segment, weight,
            part, portfolio_return
        from (from sides anti join lost using (interval)) as sides
        asof join common on sides.interval = common.interval and sides.ts <= common.ts
        where not common.is_first and portfolio_return is not null
    ),
    spans as (
        from spanned_parts('placed')
    ),
    shared as (
        select interval.series as series, span
        from spans
        group by all
        having count(distinct interval.is_own) = 2
    )
    select
        null::varchar as source, series as interval, spans.span as ts, segment,
        sum(case when spans.interval.is_own then weight else 0 end) as weight,
        sum(case when spans.interval.is_own then part else 0 end) as part,
        sum(case when spans.interval.is_own then 0 else weight end) as benchmark_weight,
        sum(case when spans.interval.is_own then 0 else part end) as benchmark_part
    from spans
    join shared on shared.series = spans.interval.series and shared.span = spans.span
    group by series, spans.span, segment;

comment on macro table spanned_parts is 'weight and part of the return of segments, over spans of bars';
comment on macro carino_excess_factor_of is 'difference of the logarithms of two wealths over that of the returns';
comment on macro segment_return_of is 'part over weight; NULL where the weights of a segment cancel';
comment on macro table brinson_effects is 'allocation, selection and interaction by bar and segment';
comment on macro table linked_brinson_effects is
    'allocation, selection and interaction of each segment, linked to the total excess return';
comment on macro table compared_segments is 'weights and parts of segments beside those of a benchmark';
