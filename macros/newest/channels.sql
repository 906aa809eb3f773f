{# metrics.channels of new bars. #}
{% macro newest_channels() %}
{% set n, place, smoothing = var('window_short'), var('window_stochastic'), var('stochastic_smoothing') %}
{% set short, medium, long = var('ichimoku_short'), var('ichimoku_medium'), var('ichimoku_long') %}
{% set shift, aroon = var('ichimoku_shift'), var('window_aroon') %}
{% set age = 'newest.row_index - past.row_index' %}
with

bars as (
    from {{ ref('recent_bars') }}
),

new_bars as (
    {{ new_bars() }}
),

-- The stochastic lines are averages of places, which look back on bars before the new one.
bars_before as (
    {{ new_bars(2 * smoothing) }}
),

extremes as (
    select
        newest.series_id, newest.ts,
        recent_max(past.high, {{ n }}, 0, {{ age }}) as donchian_upper,
        recent_min(past.low, {{ n }}, 0, {{ age }}) as donchian_lower,
        recent_middle(past.high, past.low, {{ short }}, 0, {{ age }}) as ichimoku_tenkan,
        recent_middle(past.high, past.low, {{ medium }}, 0, {{ age }}) as ichimoku_kijun,
        middle_of(
            recent_middle(past.high, past.low, {{ short }}, {{ shift }}, {{ age }}),
            recent_middle(past.high, past.low, {{ medium }}, {{ shift }}, {{ age }})
        ) as ichimoku_span_a,
        recent_middle(past.high, past.low, {{ long }}, {{ shift }}, {{ age }}) as ichimoku_span_b,
        aroon_of(-recent_max_age(past.high, {{ aroon }} + 1, {{ age }}), 0, {{ aroon }}) as aroon_up,
        aroon_of(-recent_min_age(past.low, {{ aroon }} + 1, {{ age }}), 0, {{ aroon }}) as aroon_down
    {{ beside_past('bars', 'new_bars', [n, aroon + 1, [short, medium, long] | max + shift] | max) }}
    group by all
),

ranged as (
    select
        newest.series_id, newest.ts, newest.row_index, any_value(newest.close) as close,
        recent_max(past.high, {{ place }}, 0, {{ age }}) as highest,
        recent_min(past.low, {{ place }}, 0, {{ age }}) as lowest
    {{ beside_past('bars', 'bars_before', place) }}
    group by all
),

placed as (
    select *, stoch_of(close, highest, lowest) as place, williams_r_of(close, highest, lowest) as williams_r
    from ranged
),

smoothed as (
    select
        newest.series_id, newest.ts, newest.row_index, any_value(newest.williams_r) as williams_r,
        recent_mean(past.place, newest.place, {{ smoothing }}, {{ age }}) as fast_line
    {{ beside_past('placed', 'placed', smoothing) }}
    group by all
),

averaged as (
    select
        newest.series_id, newest.ts, any_value(newest.williams_r) as williams_r, any_value(newest.fast_line) as fast_line,
        recent_mean(past.fast_line, newest.fast_line, {{ smoothing }}, {{ age }}) as stoch_d
    {{ beside_past('smoothed', 'smoothed', smoothing) }}
    group by all
)

select
    series_id, ts,
    donchian_upper, middle_of(donchian_upper, donchian_lower) as donchian_middle, donchian_lower,
    ichimoku_tenkan, ichimoku_kijun, ichimoku_span_a, ichimoku_span_b,
    case when stoch_d is not null then fast_line end as stoch_k, stoch_d, williams_r, aroon_up, aroon_down
from extremes
inner join averaged using (series_id, ts)
{% endmacro %}
