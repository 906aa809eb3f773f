-- One row per (series_id, ts): prices, and the money that moved them, against what they recently were.
{% set cci = var('window_cci') %}
{% set mfi = var('window_mfi') %}
{% set third = var('window_ultimate_long') %}
{% set first = var('window_ultimate_short') %}
{% set second = var('window_ultimate_medium') %}
{% call trailing(newest_oscillators) %}
with

returns as (
    from {{ ref('ordered_returns') }}
    where {{ is_streamed() }}
),

stepped as (
    select
        *,
        typical_price_of(high, low, close) as of_price,
        earlier_in_series(typical_price_of(high, low, close), 1, row_index) as price_before,
        buying_pressure_of(low, close, earlier_in_series(close, 1, row_index)) as of_pressure,
        true_range_of(high, low, earlier_in_series(close, 1, row_index)) as of_range
    from returns
),

flowed as (
    select
        *,
        money_flow_of(of_price, price_before, of_price * volume) as of_inflow,
        money_flow_of(price_before, of_price, of_price * volume) as of_outflow
    from stepped
),

averaged as (
    select
        *,
        last_mean(of_price, of4_price, of16_price, {{ cci }}, row_index) as mean_price,
        last_mean(of_inflow, of4_inflow, of16_inflow, {{ mfi }}, row_index) as mean_inflow,
        last_mean(of_outflow, of4_outflow, of16_outflow, {{ mfi }}, row_index) as mean_outflow,
        last_mean(of_pressure, of4_pressure, of16_pressure, {{ first }}, row_index) as pressure_short,
        last_mean(of_range, of4_range, of16_range, {{ first }}, row_index) as range_short,
        last_mean(of_pressure, of4_pressure, of16_pressure, {{ second }}, row_index) as pressure_medium,
        last_mean(of_range, of4_range, of16_range, {{ second }}, row_index) as range_medium,
        last_mean(of_pressure, of4_pressure, of16_pressure, {{ third }}, row_index) as pressure_long,
        last_mean(of_range, of4_range, of16_range, {{ third }}, row_index) as range_long
    from with_blocks('flowed')
),

shared as (
    select
        *,
        last_mean_distance(of_price, mean_price, {{ cci }}) as price_deviation,
        ratio_of(pressure_short, range_short) as share_short,
        ratio_of(pressure_medium, range_medium) as share_medium,
        ratio_of(pressure_long, range_long) as share_long
    from averaged
)

select
    series_id, ts,
    cci_of(of_price, mean_price, price_deviation) as cci,
    mfi_of(mean_inflow, mean_outflow) as mfi,
    ultimate_oscillator_of(share_short, share_medium, share_long) as ultimate_oscillator
from shared
{% endcall %}
