-- One row per (source, symbol, interval, window_bars): the volatilities that windows of this length have had.
with

series as (
    from {{ ref('series') }}
),

cones as (
    from {{ ref('volatility_cone') }}
)

select
    source, symbol, interval, window_bars, least_vol, lower_vol, median_vol, upper_vol, greatest_vol, newest_vol
from cones
inner join series using (series_id)
