-- One row per session that the lines need: what portfolio and benchmark earned since the start, and drawdown.
-- Extremes of each line are kept, so that no peak and no trough is lost.
with days as (
    select session_date, session_date::timestamp at time zone 'UTC' as ts, cumulative_return, drawdown
    from serving.portfolios
    where portfolio = $portfolio
),
-- Of a benchmark that is a portfolio what one of its money has become, else the price.
levels as (
    select session_date, 1 + coalesce(cumulative_return, 0) as level
    from serving.portfolios
    where portfolio = $benchmark
    union all
    select session_date, adj_close as level
    from serving.final_bars
    where symbol = $benchmark and interval = '1d'
),
compared as (
    select
        session_date,
        cumulative_return_of(level, first_value(level) over (order by session_date)) as benchmark_return
    from levels
    semi join days using (session_date)
    where level is not null
),
whole as (
    select days.ts, days.cumulative_return, compared.benchmark_return, days.drawdown
    from days
    left join compared using (session_date)
    where days.cumulative_return is not null
),
points as (
    unpivot whole on cumulative_return, benchmark_return, drawdown into name series value value
)
select *
from whole
where ts in (select ts from m4('points', $stretches))
order by ts
