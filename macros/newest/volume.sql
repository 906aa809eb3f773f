{# metrics.volume of new bars. #}
{% macro newest_volume() %}
{% set n = var('window_short') %}
{% set age = 'newest.row_index - past.row_index' %}
with

bars as (
    select *, close_location_of(high, low, close) * volume as located
    from ({{ new_bars(n) }})
),

new_bars as (
    from ({{ new_bars() }})
),

averaged as (
    select
        newest.series_id, newest.ts,
        recent_mean(
            past.located, close_location_of(newest.high, newest.low, newest.close) * newest.volume, {{ n }}, {{ age }}
        ) as mean_located,
        recent_mean(past.volume, newest.volume, {{ n }}, {{ age }}) as mean_volume
    {{ beside_past('bars', 'new_bars', n) }}
    group by all
)

select
    series_id, ts, states.volume_state.flow as obv, states.volume_state.located as ad_line, ratio_of(mean_located, mean_volume) as cmf
from averaged
inner join {{ ref('states') }} as states using (series_id, ts)
{% endmacro %}
