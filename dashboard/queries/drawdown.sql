-- One row per stretch of whole days: growth at its end and its deepest drawdown.
with days as (
    select ts, cumulative_return, drawdown
    from serving.drawdown
    where symbol = $symbol and interval = '1d'
)
select
    time_bucket(to_days((1 + ((select count(*) from days) - 1) // $points)::integer), ts) as ts,
    arg_max(cumulative_return, ts) as cumulative_return,
    -- The deepest of its days, so that no trough is lost; the newest point is today's.
    case when max(ts) = (select max(ts) from days) then arg_max(drawdown, ts) else min(drawdown) end as drawdown
from days
group by all
order by ts
