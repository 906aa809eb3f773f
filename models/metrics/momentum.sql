-- One row per (series_id, ts): how fast the close moves, and how one-sidedly.
{% set distance = var('window_rate') %}
{% set strength = var('window_rsi') %}
{% set n = var('window_trix') %}
{% call trailing(newest_momentum, has_states=true) %}
with

returns as (
    select *, is_newest_of_series(series_id) as is_newest
    from {{ ref('ordered_returns') }}
    where {{ is_streamed() }}
),

moved as (
    select
        *,
        gain_of(close, earlier_in_series(close, 1, row_index)) as gain,
        loss_of(close, earlier_in_series(close, 1, row_index)) as loss,
        earlier_in_series(close, {{ distance }}, row_index) as close_before
    from returns
),

first_inputs as (
    select
        *,
        average_filter(gain, wilder_weight({{ strength }}), {{ strength }}, 1, row_index) as state_gain,
        average_filter(loss, wilder_weight({{ strength }}), {{ strength }}, 1, row_index) as state_loss,
        average_filter(close, ema_weight({{ n }}), {{ n }}, 0, row_index) as state_first
    from moved
),

once as (
    select
        * exclude (state_gain, state_loss, state_first), state_gain.state as average_gain,
        state_loss.state as average_loss, state_first.state as first_ema
    from filtered('first_inputs', least(wilder_weight({{ strength }}), ema_weight({{ n }})))
),

second_inputs as (
    select *, average_filter(first_ema, ema_weight({{ n }}), {{ n }}, {{ n }} - 1, row_index) as state_second
    from once
),

twice as (
    select * exclude (state_second), state_second.state as second_ema
    from filtered('second_inputs', ema_weight({{ n }}))
),

third_inputs as (
    select
        *,
        average_filter(second_ema, ema_weight({{ n }}), {{ n }}, 2 * ({{ n }} - 1), row_index) as state_third
    from twice
),

thrice as (
    select *, state_third.state as third_ema, earlier(state_third.state, 1) as third_ema_before
    from filtered('third_inputs', ema_weight({{ n }}))
)

select
    series_id, ts,
    case when row_index >= {{ strength }} then rsi_of(average_gain, average_loss) end as rsi,
    roc_of(close, close_before) as roc,
    close - close_before as momentum,
    case when row_index >= 3 * {{ n }} - 2 then roc_of(third_ema, third_ema_before) end as trix,
    case when is_newest then [{
        'gain': average_gain, 'loss': average_loss, 'once': first_ema, 'twice': second_ema,
        'before': third_ema_before, 'thrice': third_ema
    }] end as state
from thrice
{% endcall %}
