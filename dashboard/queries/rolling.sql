-- One row per day that the lines of trailing Sharpe ratio, volatility and beta need; at most $hovered of
-- them, evenly spread, tell the pointer what they are.
with days as (
    select ts, rolling_sharpe, realized_vol, rolling_beta
    from serving.metrics
    where series_id = series_id_of($source, $symbol, '1d') and ts >= $since
),
points as (
    select
        ts,
        unnest(['rolling_sharpe', 'realized_vol', 'rolling_beta']) as series,
        unnest([rolling_sharpe, realized_vol, rolling_beta]) as value
    from days
),
drawn as (
    select distinct ts
    from m4('points', $stretches)
)
select
    ts, rolling_sharpe, realized_vol, rolling_beta,
    row_number() over (order by ts) % ((count(*) over () - 1) // $hovered + 1) = 0 as is_hovered
from days
where ts in (select ts from drawn)
order by ts
