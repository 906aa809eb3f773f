-- One row per (series_id, ts): how far a fast exponential average of the close is from a slow one.
{% set fast = var('macd_fast') %}
{% set slow = var('macd_slow') %}
{% set signal = var('macd_signal') %}
{% call trailing(newest_macd, has_states=true) %}
with

returns as (
    select *, is_newest_of_series(series_id) as is_newest
    from {{ ref('ordered_returns') }}
    where {{ is_streamed() }}
),

first_inputs as (
    select
        *,
        average_filter(
            close, ema_weight({{ fast }}), {{ fast }}, {{ slow }} - {{ fast }}, row_index
        ) as state_fast,
        average_filter(close, ema_weight({{ slow }}), {{ slow }}, 0, row_index) as state_slow,
        average_filter(close, ema_weight({{ fast }}), {{ fast }}, 0, row_index) as state_ppo_fast
    from returns
),

lines as (
    select
        * exclude (state_fast, state_slow, state_ppo_fast),
        state_fast.state as fast_ema,
        state_slow.state as slow_ema,
        state_ppo_fast.state as ppo_fast_ema,
        macd_of(state_fast.state, state_slow.state) as macd_line
    from filtered('first_inputs', ema_weight({{ slow }}))
),

second_inputs as (
    select
        *,
        average_filter(
            macd_line, ema_weight({{ signal }}), {{ signal }}, {{ slow }} - 1, row_index
        ) as state_signal
    from lines
),

signals as (
    select * exclude (state_signal), state_signal.state as signal_line
    from filtered('second_inputs', ema_weight({{ signal }}))
)

select
    series_id, ts,
    case when row_index >= {{ slow }} + {{ signal }} - 2 then macd_line end as macd,
    case when row_index >= {{ slow }} + {{ signal }} - 2 then signal_line end as macd_signal,
    case when row_index >= {{ slow }} + {{ signal }} - 2
         then macd_hist_of(macd_line, signal_line) end as macd_hist,
    case when row_index >= {{ slow }} - 1 then ppo_of(ppo_fast_ema, slow_ema) end as ppo,
    case when is_newest then [{
        'fast': fast_ema, 'slow': slow_ema, 'ppo_fast': ppo_fast_ema, 'signal': signal_line
    }] end as state
from signals
{% endcall %}
