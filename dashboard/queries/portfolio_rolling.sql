-- One row per session that the lines need: trailing volatility, Sharpe ratio and beta.
-- Extremes of each line are kept.
with days as (
    select session_date::timestamp at time zone 'UTC' as ts, realized_vol, rolling_sharpe, rolling_beta
    from serving.portfolios
    where portfolio = $portfolio
),
points as (
    unpivot days on realized_vol, rolling_sharpe, rolling_beta into name series value value
)
select *
from days
where ts in (select ts from m4('points', $stretches))
order by ts
