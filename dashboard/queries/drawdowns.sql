-- One row per fall from a peak, the deepest first. A chart from $since on shows it from shown_from to shown_until.
with newest as (
    select max(ts) as ts
    from serving.drawdown
    where symbol = $symbol and interval = '1d'
)
select
    rank, depth, peak, trough, recovery, bars_to_trough, bars_to_recover, bars_underwater, calendar_days,
    is_recovered,
    case when trough >= $since then trough end as shown_trough,
    case when coalesce(recovery, newest.ts) >= $since then greatest(peak, $since) end as shown_from,
    case when coalesce(recovery, newest.ts) >= $since then coalesce(recovery, newest.ts) end as shown_until
from serving.drawdown_episodes
cross join newest
where symbol = $symbol and interval = '1d'
order by rank
limit $limit
