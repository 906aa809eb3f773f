{# metrics.oscillators of new bars. #}
{% macro newest_oscillators() %}
{% set cci, mfi = var('window_cci'), var('window_mfi') %}
{% set first, second, third = var('window_ultimate_short'), var('window_ultimate_medium'), var('window_ultimate_long') %}
{% set length = [cci, mfi, first, second, third] | max %}
{% set age = 'newest.row_index - past.row_index' %}
with

stepped as (
    select
        series_id, ts, row_index,
        typical_price_of(high, low, close) as price,
        typical_price_of(previous_high, previous_low, previous_close) as price_before,
        price * volume as flow,
        buying_pressure_of(low, close, previous_close) as pressure,
        true_range_of(high, low, previous_close) as range
    from ({{ new_bars(length) }})
),

bars as (
    select
        *,
        money_flow_of(price, price_before, flow) as inflow,
        money_flow_of(price_before, price, flow) as outflow
    from stepped
),

new_bars as (
    select bars.*
    from bars
    inner join {{ ref('changes') }} as changes using (series_id)
    where row_index >= count_before
),

averaged as (
    select
        newest.series_id, newest.ts, any_value(newest.price) as price,
        recent_mean(past.price, newest.price, {{ cci }}, {{ age }}) as mean_price,
        recent_mean_distance(past.price, newest.price, {{ cci }}, {{ age }}) as price_deviation,
        recent_mean(past.inflow, newest.inflow, {{ mfi }}, {{ age }}) as mean_inflow,
        recent_mean(past.outflow, newest.outflow, {{ mfi }}, {{ age }}) as mean_outflow,
        recent_mean(past.pressure, newest.pressure, {{ first }}, {{ age }}) as pressure_short,
        recent_mean(past.range, newest.range, {{ first }}, {{ age }}) as range_short,
        recent_mean(past.pressure, newest.pressure, {{ second }}, {{ age }}) as pressure_medium,
        recent_mean(past.range, newest.range, {{ second }}, {{ age }}) as range_medium,
        recent_mean(past.pressure, newest.pressure, {{ third }}, {{ age }}) as pressure_long,
        recent_mean(past.range, newest.range, {{ third }}, {{ age }}) as range_long
    {{ beside_past('bars', 'new_bars', length) }}
    group by all
)

select
    series_id, ts,
    cci_of(price, mean_price, price_deviation) as cci,
    mfi_of(mean_inflow, mean_outflow) as mfi,
    ultimate_oscillator_of(
        ratio_of(pressure_short, range_short), ratio_of(pressure_medium, range_medium),
        ratio_of(pressure_long, range_long)
    ) as ultimate_oscillator
from averaged
{% endmacro %}
