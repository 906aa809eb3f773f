-- One row per day that the chart needs: its return, the value at risk known before it, whether it lost more.
-- At most $hovered of them, evenly spread, tell the pointer what they are.
with days as (
    select
        ts, simple_return, var_historical_rolling as value_at_risk,
        simple_return < var_historical_rolling as is_exception
    from serving.metrics
    where
        series_id = series_id_of($source, $symbol, '1d') and ts >= $since and var_historical_rolling is not null
),
points as (
    select ts, unnest(['return', 'value at risk']) as series, unnest([simple_return, value_at_risk]) as value
    from days
),
drawn as (
    select distinct ts
    from m4('points', $stretches)
),
worst as (
    select ts
    from days
    where is_exception
    order by ts desc
    limit $exceptions
)
select
    ts, simple_return, value_at_risk, is_exception,
    row_number() over (order by ts) % ((count(*) over () - 1) // $hovered + 1) = 0 as is_hovered
from days
where ts in (select ts from drawn) or ts in (select ts from worst)
order by ts
