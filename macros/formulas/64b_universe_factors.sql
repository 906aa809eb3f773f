-- Factors made of the symbols of a relation of bars themselves, the universe, where nobody supplies better ones:
-- what those at one end of an order earned less what those at the other end did. Members are chosen at the start
-- of each UTC month by what was known then, in equal sums, and held for the month. From six members on an end is a
-- third of them, below that a half (the middle one of an odd number belongs to neither). Rows of a factor have the
-- symbol 'universe'.

-- One row per series and month: what it was worth at the month's end.
create or replace macro month_ends_of(relation) as table
    select
        source, symbol, interval, period_start_of('monthly', ts) as month, max(ts) as ts,
        arg_max(adj_close, ts) as adj_close
    from query_table(relation)
    where adj_close is not null
    group by source, symbol, interval, period_start_of('monthly', ts);

-- How many members an end has.
create or replace macro count_in_end(count_members) as
    case when count_members >= 6 then count_members // 3 else count_members // 2 end;

-- One row per bar of those who are held: r, and the sum that is in the member before the bar, 1 at the month's
-- start. `scores`: source, symbol, interval, month, score, as known at the start of that month. is_high: held at
-- the end of high scores. Who has no price in the month before is not held. Of equal scores the symbol decides.
create or replace macro held_members_of(relation, scores) as table
    with bars as (
        select
            *, period_start_of('monthly', ts) as month,
            previous(adj_close, (source, symbol, interval), ts) as price_before
        from query_table(relation)
        where adj_close is not null
    ),
    ranked as (
        select
            scores.source, scores.symbol, scores.interval, scores.month, ends.adj_close as base,
            row_number() over (
                partition by scores.interval, scores.month order by score, scores.source, scores.symbol
            ) as place,
            count(*) over (partition by scores.interval, scores.month) as count_members
        from query_table(scores) as scores
        inner join month_ends_of(relation) as ends
            on ends.source = scores.source and ends.symbol = scores.symbol and ends.interval = scores.interval
            and ends.month = period_before_of('monthly', scores.month)
        where score is not null and ends.adj_close > 0
    )
    select
        interval, ts, place > count_members - count_in_end(count_members) as is_high,
        simple_return_of(adj_close, price_before) as r, price_before / nullif(base, 0) as held
    from bars
    inner join ranked using (source, symbol, interval, month)
    where place <= count_in_end(count_members) or place > count_members - count_in_end(count_members);

-- What the high end earned less what the low end did, by bar; NULL where an end has nobody. Unit: 1.
create or replace macro high_less_low_of(relation, scores) as table
    with earned as (
        select
            interval, ts,
            ratio_of(sum(held * r) filter (is_high), sum(held) filter (is_high and r is not null)) as high,
            ratio_of(sum(held * r) filter (not is_high), sum(held) filter (not is_high and r is not null)) as low
        from held_members_of(relation, scores)
        group by interval, ts
    )
    select interval, ts, high - low as value from earned;

-- Winners less losers: the score is the return over the months from `lookback` before the month to `skip` before
-- it, 12 and 1: eleven months, without the newest one. Source: Jegadeesh and Titman (1993), J. Finance 48(1);
-- Fama and French (1996), J. Finance 51(1).
create or replace macro momentum_factor(bars, lookback := 12, skip := 1) as table
    with scores as (
        select
            recent.source, recent.symbol, recent.interval,
            recent.month + to_months(
                case when skip < lookback then skip + 1 else error('skip must be less than lookback') end::int
            ) as month,
            simple_return_of(recent.adj_close, old.adj_close) as score
        from month_ends_of(bars) as recent
        inner join month_ends_of(bars) as old
            on old.source = recent.source and old.symbol = recent.symbol and old.interval = recent.interval
            and old.month = recent.month - to_months((lookback - skip)::int)
    )
    select 'universe' as source, 'universe' as symbol, interval, ts, value
    from high_less_low_of(bars, 'scores');

-- Small less big, by the median of price times volume over the last n bars before the month: what is traded stands
-- in for what a company is worth, which bars do not tell. After Fama and French (1993), J. Financial Economics
-- 33(1), and Amihud (2002), J. Financial Markets 5(1).
create or replace macro size_factor(bars, n := 63) as table
    with numbered as (
        select
            *, row_number() over (partition by source, symbol, interval order by ts) as place,
            close * volume as traded
        from query_table(bars)
    ),
    windows as (
        select
            source, symbol, interval, period_start_of('monthly', numbered.ts) as month,
            unnest(range(place - n + 1, place + 1)) as place
        from numbered
        semi join month_ends_of(bars) as ends using (source, symbol, interval, ts)
        where place >= n
    ),
    scores as (
        select
            source, symbol, interval, month + to_months(1) as month,
            case when count(traded) = n then -median(traded) end as score
        from windows
        inner join numbered using (source, symbol, interval, place)
        group by source, symbol, interval, month
    )
    select 'universe' as source, 'universe' as symbol, interval, ts, value
    from high_less_low_of(bars, 'scores');

comment on macro table month_ends_of is 'the last price of each month';
comment on macro count_in_end is 'a third of six and more, a half of fewer';
comment on macro table held_members_of is 'returns of the members at both ends of an order, and the sums held in them';
comment on macro table high_less_low_of is 'return of the members with high scores less that of those with low ones';
comment on macro table momentum_factor is 'return of last year''s winners less that of its losers, chosen by the month';
comment on macro table size_factor is 'return of the least traded members less that of the most traded';
