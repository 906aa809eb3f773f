-- One row per series and day that draws the same lines: volatility of 30 days by the last chain of each day, what the
-- underlying did, the difference, and where the volatility stands in its past.
with days as (
    select
        quoted_at as ts, atm_iv_30d, vix_style_index, realized_vol, iv_minus_realized, iv_rank, iv_percentile
    from serving.option_history
    where source = $source and underlying = $underlying
),
points as (
    unpivot days
    on atm_iv_30d, vix_style_index, realized_vol, iv_minus_realized, iv_rank, iv_percentile
    into name series value value
)
select ts, series, value
from m4('points', $stretches)
order by series, ts
