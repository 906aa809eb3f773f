-- One row per (series_id, ts): Wilder's directional movement.
{% set n = var('window_adx') %}
{% call trailing(newest_directional, has_states=true) %}
with

returns as (
    select *, is_newest_of_series(series_id) as is_newest
    from {{ ref('ordered_returns') }}
    where {{ is_streamed() }}
),

stepped as (
    select
        *,
        earlier_in_series(high, 1, row_index) as previous_high,
        earlier_in_series(low, 1, row_index) as previous_low,
        earlier_in_series(close, 1, row_index) as previous_close
    from returns
),

moved as (
    select
        *,
        true_range_of(high, low, previous_close) as true_range,
        plus_movement_of(high, low, previous_high, previous_low) as plus_movement,
        minus_movement_of(high, low, previous_high, previous_low) as minus_movement
    from stepped
),

first_inputs as (
    select
        *,
        wilder_sum_filter(true_range, {{ n }}, row_index) as state_range_sum,
        wilder_sum_filter(plus_movement, {{ n }}, row_index) as state_plus_sum,
        wilder_sum_filter(minus_movement, {{ n }}, row_index) as state_minus_sum
    from moved
),

summed as (
    select
        series_id, ts, row_index, is_newest, state_range_sum.state as range_sum,
        state_plus_sum.state as plus_sum, state_minus_sum.state as minus_sum,
        case when row_index >= {{ n }} then dx_of(state_plus_sum.state, state_minus_sum.state) end as dx
    from filtered('first_inputs', wilder_weight({{ n }}))
),

second_inputs as (
    select
        *,
        average_filter(
            case when row_index < 2 * {{ n }} then coalesce(dx, 0) else dx end,
            wilder_weight({{ n }}), {{ n }}, {{ n }}, row_index
        ) as state_adx
    from summed
),

averaged as (
    select * exclude (state_adx), state_adx.state as average_dx
    from filtered('second_inputs', wilder_weight({{ n }}))
)

select
    series_id, ts,
    case when row_index >= {{ n }} then directional_index_of(plus_sum, range_sum) end as plus_di,
    case when row_index >= {{ n }} then directional_index_of(minus_sum, range_sum) end as minus_di,
    case when row_index >= 2 * {{ n }} - 1 and plus_sum + minus_sum > 0 then average_dx end as adx,
    case when is_newest then [{
        'plus_sum': plus_sum, 'minus_sum': minus_sum, 'range_sum': range_sum, 'dx': average_dx
    }] end as state
from averaged
{% endcall %}
