-- One row per (series_id, ts): moving averages and bands of the close as it is charted (not adjusted
-- for dividends).
{% set n = var('window_short') %}
{% set width = var('bollinger_width') %}
{% call trailing(newest_trend) %}
with

returns as (
    from {{ ref('ordered_returns') }}
    where {{ is_streamed() }}
),

named as (
    select *, close as of_close, volume as of_volume, close * volume as of_turnover
    from returns
),

fours as (
    select *, tilt_of_rows(of_close) as tilt4, squares_of_rows(of_close, of4_close) as squares4
    from with_blocks('named')
),

sixteens as (
    select
        *, tilt_of_4(tilt4, of4_close, 4) as tilt16, squares_of_4(squares4, of4_close, of16_close, 4) as squares16
    from fours
),

averaged as (
    select
        *,
        last_mean(of_close, of4_close, of16_close, {{ n }}, row_index) as sma_short,
        last_mean(of_close, of4_close, of16_close, of64_close, {{ var('window_medium') }}, row_index) as sma_medium,
        last_mean(of_close, of4_close, of16_close, of64_close, {{ var('window_long') }}, row_index) as sma_long,
        last_mean(of_close, of4_close, of16_close, hma_half({{ n }}), row_index) as sma_half,
        last_mean(of_turnover, of4_turnover, of16_turnover, {{ n }}, row_index) as mean_turnover,
        last_mean(of_volume, of4_volume, of16_volume, {{ n }}, row_index) as mean_volume,
        last_covariance(of_close, of4_close, of16_close, tilt4, tilt16, {{ n }}, row_index) as tilt,
        last_covariance(of_close, of4_close, of16_close, tilt4, tilt16, hma_half({{ n }}), row_index) as tilt_half
    from sixteens
),

banded as (
    select
        *,
        wma_of(sma_short, tilt, {{ n }}) as wma,
        hma_of(wma_of(sma_half, tilt_half, hma_half({{ n }})), wma_of(sma_short, tilt, {{ n }})) as sharpened,
        {{ width }} * std_pop_of(
            last_squares(of_close, of4_close, of16_close, squares4, squares16, sma_short, {{ n }}), {{ n }}
        ) as half_width
    from averaged
),

smoothed as (
    select
        *,
        last_mean_of_few(sharpened, hma_length({{ n }}), row_index) as mean_sharpened,
        last_covariance_of_few(sharpened, hma_length({{ n }})) as tilt_sharpened
    from banded
)

select
    series_id, ts, sma_short, sma_medium, sma_long, wma,
    ratio_of(mean_turnover, mean_volume) as vwma,
    wma_of(mean_sharpened, tilt_sharpened, hma_length({{ n }})) as hma,
    sma_short + half_width as bb_upper,
    sma_short as bb_middle,
    sma_short - half_width as bb_lower,
    bb_percent_b_of(close, sma_short + half_width, sma_short - half_width) as bb_percent_b,
    bb_width_of(sma_short + half_width, sma_short, sma_short - half_width) as bb_width
from smoothed
{% endcall %}
