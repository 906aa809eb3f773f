-- One row per (series_id, ts): exponential averages of the close, once and repeated.
{% set n = var('window_short') %}
{% set medium = var('window_medium') %}
{% call trailing(newest_averages, has_states=true) %}
with

returns as (
    select *, is_newest_of_series(series_id) as is_newest
    from {{ ref('ordered_returns') }}
    where {{ is_streamed() }}
),

first_inputs as (
    select
        *,
        average_filter(close, ema_weight({{ n }}), {{ n }}, 0, row_index) as state_short,
        average_filter(close, ema_weight({{ medium }}), {{ medium }}, 0, row_index) as state_medium
    from returns
),

once as (
    select * exclude (state_short, state_medium), state_short.state as first_ema, state_medium.state as medium_ema
    from filtered('first_inputs', ema_weight(greatest({{ n }}, {{ medium }})))
),

second_inputs as (
    select
        *,
        average_filter(first_ema, ema_weight({{ n }}), {{ n }}, {{ n }} - 1, row_index) as state_twice
    from once
),

twice as (
    select * exclude (state_twice), state_twice.state as second_ema
    from filtered('second_inputs', ema_weight({{ n }}))
),

third_inputs as (
    select
        *,
        average_filter(second_ema, ema_weight({{ n }}), {{ n }}, 2 * ({{ n }} - 1), row_index) as state_thrice
    from twice
)

select
    series_id, ts,
    case when row_index >= {{ n }} - 1 then first_ema end as ema_short,
    case when row_index >= {{ medium }} - 1 then medium_ema end as ema_medium,
    case when row_index >= 2 * ({{ n }} - 1) then dema_of(first_ema, second_ema) end as dema,
    case when row_index >= 3 * ({{ n }} - 1)
         then tema_of(first_ema, second_ema, state_thrice.state) end as tema,
    case when is_newest then [{
        'once': first_ema, 'twice': second_ema, 'medium': medium_ema, 'thrice': state_thrice.state
    }] end as state
from filtered('third_inputs', ema_weight({{ n }}))
{% endcall %}
