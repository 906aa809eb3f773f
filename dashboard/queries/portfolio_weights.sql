-- One row per member and session, of so many sessions at even distance up to the newest: what it weighed.
-- Members beyond the heaviest are one, `others`.
with days as (
    select *, dense_rank() over (order by session_date desc) as age
    from serving.portfolio_weights
    where portfolio = $portfolio
),
heaviest as (
    select source, symbol, row_number() over (order by abs(mean_weight) desc, source, symbol) as place
    from serving.portfolio_members
    where portfolio = $portfolio
),
shown as (
    select
        days.session_date, if(place <= $members, symbol, 'others') as member,
        min(place) as place, sum(weight) as weight
    from days
    inner join heaviest using (source, symbol)
    where (age - 1) % greatest(1, ceil((select max(age) from days) / $sessions))::bigint = 0
    group by all
)
select
    session_date::timestamp at time zone 'UTC' as ts,
    coalesce(lead(session_date) over (partition by member order by session_date), session_date + 1)::timestamp
        at time zone 'UTC' as until,
    member, place, weight
from shown
order by session_date, place
