-- One row per support or resistance within the prices of a stretch of bars: the newest word on each, most touched first.
with stretch as (
    select min(low) as lowest, max(high) as highest, max(end_ts) as until
    from serving.final_bars
    where
        source = $source and symbol = $symbol and interval = $interval
        and ts >= $since and (ts < $until::timestamptz or $until is null)
),
known as (
    select kind, level, touches, first_pivot_ts, confirmed_at
    from serving.levels
    where source = $source and symbol = $symbol and interval = $interval
        and confirmed_at < (select until from stretch)
    qualify row_number() over (partition by kind, first_pivot_ts order by confirmed_at desc) = 1
)
select
    kind, level, touches, first_pivot_ts, confirmed_at,
    greatest(first_pivot_ts, $since) as since,
    until
from known
inner join stretch on level between lowest and highest
order by touches desc, confirmed_at desc, level, kind
limit $limit
