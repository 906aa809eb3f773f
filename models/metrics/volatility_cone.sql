-- One row per (series_id, window_bars): the volatilities that windows of this length have had.
with

bars as (
    from {{ ref('final_bars') }}
),

cone as (
    from volatility_cone('bars')
)

select
    series_id_of(source, symbol, interval) as series_id,
    cone."window" as window_bars,
    cone."min" as least_vol,
    cone.q25 as lower_vol,
    cone.median as median_vol,
    cone.q75 as upper_vol,
    cone."max" as greatest_vol,
    cone."last" as newest_vol
from cone
