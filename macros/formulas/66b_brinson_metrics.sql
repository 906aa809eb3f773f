-- Brinson attribution of the members of a relation of bars: both the portfolio and its benchmark restore their
-- weights at every bar, equal weights where none are told, 0 for who is not named. `groups` tells each symbol's
-- segment, map {'AAPL': 'technology', 'XOM': 'energy'}; who is not named is a segment of its own. The symbol of
-- a row is the segment; weights that do not sum to 1 leave the segment 'cash', which earns 0.

-- One row per member and bar: segment, weight and part of the return here and in the benchmark.
create or replace macro brinson_members(relation, weights, benchmark_weights, groups) as table
    select
        own.source, own.symbol, own.interval, own.ts, coalesce(groups[own.symbol], own.symbol) as segment,
        own.weight, own.weight * own.simple_return as part,
        other.weight as benchmark_weight, other.weight * other.simple_return as benchmark_part
    from members_of(relation, weights) as own
    join members_of(relation, benchmark_weights) as other using (source, symbol, interval, ts)
    where own.portfolio_return is not null;

-- By bar, or linked to one row per segment.
create or replace macro brinson_by(relation, weights, benchmark_weights, groups, linked) as table
    with members as (
        from brinson_members(relation, weights, benchmark_weights, groups)
    )
    select source, segment, interval, null::timestamptz as ts, allocation, selection, interaction
    from linked_brinson_effects('members')
    where linked
    union all
    select source, segment, interval, ts, allocation, selection, interaction
    from brinson_effects('members')
    where not linked;

-- What holding more or less of a segment than the benchmark gained: (w - W) (B - b), B the segment's return in
-- the benchmark, b the benchmark's. linked := false gives the effect of each bar; else they are linked by
-- Carino's logarithms, so that all effects of all segments sum to the total excess return. Unit: 1. NULL where
-- one of the two once lost all.
-- Sources: Brinson and Fachler (1985), J. Portfolio Management 11(3); Carino (1999), J. Performance Measurement
-- 3(4).
create or replace macro brinson_allocation(
    bars, weights := map([]::varchar[], []::double[]), benchmark_weights := map([]::varchar[], []::double[]),
    groups := map([]::varchar[], []::varchar[]), linked := true
) as table
    select source, segment as symbol, interval, ts, allocation as value
    from brinson_by(bars, weights, benchmark_weights, groups, linked);

-- What choosing within a segment gained: W (R - B), R the segment's return in the portfolio. As above.
-- Sources: Brinson and Fachler (1985), J. Portfolio Management 11(3); Carino (1999), J. Performance Measurement
-- 3(4).
create or replace macro brinson_selection(
    bars, weights := map([]::varchar[], []::double[]), benchmark_weights := map([]::varchar[], []::double[]),
    groups := map([]::varchar[], []::varchar[]), linked := true
) as table
    select source, segment as symbol, interval, ts, selection as value
    from brinson_by(bars, weights, benchmark_weights, groups, linked);

-- What choosing well in a segment of which more is held gained besides: (w - W) (R - B). As above.
-- Sources: Brinson and Fachler (1985), J. Portfolio Management 11(3); Carino (1999), J. Performance Measurement
-- 3(4).
create or replace macro brinson_interaction(
    bars, weights := map([]::varchar[], []::double[]), benchmark_weights := map([]::varchar[], []::double[]),
    groups := map([]::varchar[], []::varchar[]), linked := true
) as table
    select source, segment as symbol, interval, ts, interaction as value
    from brinson_by(bars, weights, benchmark_weights, groups, linked);

comment on macro table brinson_members is 'what each member weighs and adds, here and in the benchmark';
comment on macro table brinson_by is 'the three effects of each segment, by bar or linked over time';
comment on macro table brinson_allocation is 'what weighing segments unlike the benchmark gained';
comment on macro table brinson_selection is 'what choosing within segments gained';
comment on macro table brinson_interaction is 'what choosing well where more is held gained besides';
