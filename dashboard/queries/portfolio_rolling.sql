-- One row per point of the lines of trailing volatility, Sharpe ratio and beta.
with days as (
    select session_date::timestamp at time zone 'UTC' as ts, realized_vol, rolling_sharpe, rolling_beta
    from serving.portfolios
    where portfolio = $portfolio
),
points as (
    unpivot days on realized_vol, rolling_sharpe, rolling_beta into name series value value
)
select ts, series, value
from m4('points', $stretches)
order by series, ts
