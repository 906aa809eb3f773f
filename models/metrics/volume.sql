-- One row per (series_id, ts): which way the volume went.
{% set n = var('window_short') %}
with

returns as (
    from {{ ref('returns') }}
),

flowed as (
    select
        *,
        signed_volume_of(close, earlier_in_series(close, 1, row_index), volume) as flow,
        close_location_of(high, low, close) * volume as of_located,
        volume as of_volume
    from returns
),

averaged as (
    select
        *,
        last_mean(of_located, of4_located, of16_located, {{ n }}, row_index) as mean_located,
        last_mean(of_volume, of4_volume, of16_volume, {{ n }}, row_index) as mean_volume
    from with_blocks('flowed')
),

summed as (
    select
        series_id, ts, row_index, ratio_of(mean_located, mean_volume) as cmf,
        running_sum(flow, series_id, ts) as obv,
        running_sum(of_located, series_id, ts) as ad_line
    from averaged
)

select
    series_id, ts, obv, ad_line, cmf
from summed
