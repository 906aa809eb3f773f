{# metrics.trend of new bars. #}
{% macro newest_trend() %}
{% set n, medium, long = var('window_short'), var('window_medium'), var('window_long') %}
{% set age = 'newest.row_index - past.row_index' %}
with

bars as (
    from {{ ref('recent_bars') }}
),

new_bars as (
    {{ new_bars() }}
),

-- The average of averages looks back on bars before the new one.
bars_before as (
    {{ new_bars('hma_length(' ~ n ~ ') + 1') }}
),

averaged as (
    select
        newest.series_id, newest.ts, newest.row_index, any_value(newest.close) as close,
        recent_mean(past.close, newest.close, {{ n }}, {{ age }}) as sma_short,
        recent_mean(past.close, newest.close, {{ medium }}, {{ age }}) as sma_medium,
        recent_mean(past.close, newest.close, {{ long }}, {{ age }}) as sma_long,
        recent_std_pop(past.close, newest.close, {{ n }}, {{ age }}) as deviation,
        recent_mean(past.close * past.volume, newest.close * newest.volume, {{ n }}, {{ age }}) as mean_turnover,
        recent_mean(past.volume, newest.volume, {{ n }}, {{ age }}) as mean_volume
    {{ beside_past('bars', 'new_bars', [n, medium, long] | max) }}
    group by all
),

weighted as (
    select
        newest.series_id, newest.ts, newest.row_index,
        wma_of(
            recent_mean(past.close, newest.close, {{ n }}, {{ age }}),
            recent_covariance(past.close, newest.close, {{ n }}, {{ age }}), {{ n }}
        ) as wma,
        wma_of(
            recent_mean(past.close, newest.close, hma_half({{ n }}), {{ age }}),
            recent_covariance(past.close, newest.close, hma_half({{ n }}), {{ age }}), hma_half({{ n }})
        ) as wma_half
    {{ beside_past('bars', 'bars_before', n) }}
    group by all
),

sharpened as (
    select *, hma_of(wma_half, wma) as sharpened
    from weighted
),

smoothed as (
    select
        newest.series_id, newest.ts, any_value(newest.wma) as wma,
        wma_of(
            recent_mean(past.sharpened, newest.sharpened, hma_length({{ n }}), {{ age }}),
            recent_covariance(past.sharpened, newest.sharpened, hma_length({{ n }}), {{ age }}), hma_length({{ n }})
        ) as hma
    {{ beside_past('sharpened', 'sharpened', 'hma_length(' ~ n ~ ')') }}
    group by all
),

banded as (
    select *, {{ var('bollinger_width') }} * deviation as half_width
    from averaged
)

select
    series_id, ts, sma_short, sma_medium, sma_long, wma, ratio_of(mean_turnover, mean_volume) as vwma, hma,
    sma_short + half_width as bb_upper,
    sma_short as bb_middle,
    sma_short - half_width as bb_lower,
    bb_percent_b_of(close, sma_short + half_width, sma_short - half_width) as bb_percent_b,
    bb_width_of(sma_short + half_width, sma_short, sma_short - half_width) as bb_width
from banded
inner join smoothed using (series_id, ts)
{% endmacro %}
