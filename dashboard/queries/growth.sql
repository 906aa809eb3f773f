-- One row per day that the lines of growth and drawdown need, with the benchmark's, unless it is its own.
-- Growth counts from the first day shown, drawdown from the highest value of the whole history. At most $hovered of
-- the days, evenly spread, tell the pointer what they are.
with held as (
    select ts, cumulative_return, drawdown
    from serving.drawdown
    where symbol = $symbol and interval = '1d' and ts >= $since
),
compared as (
    select ts, cumulative_return, drawdown
    from serving.drawdown
    where symbol = $benchmark and symbol <> $symbol and interval = '1d' and ts >= $since
),
days as (
    select
        ts,
        cumulative_return_of(
            1 + held.cumulative_return, 1 + first_value(held.cumulative_return) over by_day
        ) as growth,
        cumulative_return_of(
            1 + compared.cumulative_return,
            1 + first_value(compared.cumulative_return ignore nulls) over by_day
        ) as benchmark_growth,
        held.drawdown,
        compared.drawdown as benchmark_drawdown
    from held
    left join compared using (ts)
    window by_day as (order by ts rows between unbounded preceding and unbounded following)
),
points as (
    select
        ts,
        unnest(['growth', 'benchmark_growth', 'drawdown', 'benchmark_drawdown']) as series,
        unnest([growth, benchmark_growth, drawdown, benchmark_drawdown]) as value
    from days
),
drawn as (
    select distinct ts
    from m4('points', $stretches)
)
select
    ts,
    $symbol::varchar as symbol,
    growth,
    drawdown,
    case when $benchmark <> $symbol then $benchmark::varchar end as benchmark,
    benchmark_growth,
    benchmark_drawdown,
    row_number() over (order by ts) % ((count(*) over () - 1) // $hovered + 1) = 0 as is_hovered
from days
where ts in (select ts from drawn)
order by ts
