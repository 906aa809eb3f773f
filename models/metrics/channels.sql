-- One row per (series_id, ts): channels of the highest high and the lowest low, and where the price
-- stands in them.
{% set n = var('window_short') %}
{% set short, medium, long = var('ichimoku_short'), var('ichimoku_medium'), var('ichimoku_long') %}
{% set shift = var('ichimoku_shift') %}
{% set place = var('window_stochastic') %}
{% set smoothing = var('stochastic_smoothing') %}
{% set aroon = var('window_aroon') %}
{% call trailing(newest_channels) %}
with

returns as (
    from {{ ref('ordered_returns') }}
    where {{ is_streamed() }}
),

fours as (
    select *, block_max(high, 4, 1) as high4, block_min(low, 4, 1) as low4
    from returns
),

blocks as (
    select
        *, block_max(high4, 16, 4) as high16, block_min(low4, 16, 4) as low16,
        age_in_4(high, high4) as high_age4, age_in_4(low, low4) as low_age4
    from fours
),

extremes as (
    select
        *,
        age_in_blocks(high4, high_age4, high16, 16, 4) as high_age16,
        age_in_blocks(low4, low_age4, low16, 16, 4) as low_age16,
        last_max(high, high4, high16, {{ n }}, row_index) as donchian_upper,
        last_min(low, low4, low16, {{ n }}, row_index) as donchian_lower,
        last_middle(high, high4, high16, low, low4, low16, {{ short }}, row_index) as ichimoku_tenkan,
        last_middle(high, high4, high16, low, low4, low16, {{ medium }}, row_index) as ichimoku_kijun,
        last_middle(high, high4, high16, low, low4, low16, {{ long }}, row_index) as ichimoku_long,
        last_max(high, high4, high16, {{ place }}, row_index) as highest,
        last_min(low, low4, low16, {{ place }}, row_index) as lowest,
        last_max(high, high4, high16, {{ aroon }} + 1, row_index) as aroon_high,
        last_min(low, low4, low16, {{ aroon }} + 1, row_index) as aroon_low
    from blocks
),

placed as (
    select *, stoch_of(close, highest, lowest) as place
    from extremes
),

smoothed as (
    select *, last_mean_of_few(place, {{ smoothing }}, row_index) as fast_line
    from placed
),

averaged as (
    select *, last_mean_of_few(fast_line, {{ smoothing }}, row_index) as stoch_d
    from smoothed
)

select
    series_id, ts,
    donchian_upper, middle_of(donchian_upper, donchian_lower) as donchian_middle, donchian_lower,
    ichimoku_tenkan, ichimoku_kijun,
    earlier_in_series(
        middle_of(ichimoku_tenkan, ichimoku_kijun), {{ shift }}, row_index
    ) as ichimoku_span_a,
    earlier_in_series(ichimoku_long, {{ shift }}, row_index) as ichimoku_span_b,
    case when stoch_d is not null then fast_line end as stoch_k,
    stoch_d,
    williams_r_of(close, highest, lowest) as williams_r,
    aroon_of(
        -last_age(high4, high_age4, high16, high_age16, aroon_high, {{ aroon }} + 1), 0, {{ aroon }}
    ) as aroon_up,
    aroon_of(
        -last_age(low4, low_age4, low16, low_age16, aroon_low, {{ aroon }} + 1), 0, {{ aroon }}
    ) as aroon_down
from averaged
{% endcall %}
