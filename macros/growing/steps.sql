{# One step of every recursion of metrics.states: the states `walked` so far, joined with the bar after. #}
{% macro next_states(walked, bars) %}
{% set n, medium, triple = var('window_short'), var('window_medium'), var('window_trix') %}
{% set fast, slow, signal = var('macd_fast'), var('macd_slow'), var('macd_signal') %}
{% set rsi, atr, adx = var('window_rsi'), var('window_atr'), var('window_adx') %}
{% set channel, range, decay = var('window_keltner'), var('window_keltner_range'), var('ewma_decay') %}
with once as (
    select
        bars.*, walked.* exclude (series_id, row_index),
        next_average(close, averages_state.once, ema_weight({{ n }}), {{ n }}, 0, bars.row_index) as once,
        next_average(close, macd_state.fast, ema_weight({{ fast }}), {{ fast }}, {{ slow }} - {{ fast }}, bars.row_index) as fast,
        next_average(close, macd_state.slow, ema_weight({{ slow }}), {{ slow }}, 0, bars.row_index) as slow,
        next_average(close, momentum_state.once, ema_weight({{ triple }}), {{ triple }}, 0, bars.row_index) as first,
        next_wilder_sum(plus_movement, directional_state.plus_sum, {{ adx }}, bars.row_index) as plus_sum,
        next_wilder_sum(minus_movement, directional_state.minus_sum, {{ adx }}, bars.row_index) as minus_sum
    from {{ walked }} as walked
    inner join {{ bars }} as bars on bars.series_id = walked.series_id and bars.place_before = walked.row_index
),
twice as (
    select
        *,
        next_average(once, averages_state.twice, ema_weight({{ n }}), {{ n }}, {{ n }} - 1, row_index) as twice,
        next_average(first, momentum_state.twice, ema_weight({{ triple }}), {{ triple }}, {{ triple }} - 1, row_index) as second,
        case when row_index >= {{ adx }} then dx_of(plus_sum, minus_sum) end as dx
    from once
)
select
    series_id, row_index,
    {
        'once': once, 'twice': twice,
        'medium': next_average(close, averages_state.medium, ema_weight({{ medium }}), {{ medium }}, 0, row_index),
        'thrice': next_average(twice, averages_state.thrice, ema_weight({{ n }}), {{ n }}, 2 * ({{ n }} - 1), row_index)
    },
    {
        'fast': fast, 'slow': slow,
        'ppo_fast': next_average(close, macd_state.ppo_fast, ema_weight({{ fast }}), {{ fast }}, 0, row_index),
        'signal': next_average(
            macd_of(fast, slow), macd_state.signal, ema_weight({{ signal }}), {{ signal }}, {{ slow }} - 1, row_index
        )
    },
    {
        'gain': next_average(
            gain_of(close, previous_close), momentum_state.gain, wilder_weight({{ rsi }}), {{ rsi }}, 1, row_index
        ),
        'loss': next_average(
            loss_of(close, previous_close), momentum_state.loss, wilder_weight({{ rsi }}), {{ rsi }}, 1, row_index
        ),
        'once': first, 'twice': second, 'before': momentum_state.thrice,
        'thrice': next_average(
            second, momentum_state.thrice, ema_weight({{ triple }}), {{ triple }}, 2 * ({{ triple }} - 1), row_index
        )
    },
    {
        'range': next_average(true_range, ranges_state.range, wilder_weight({{ atr }}), {{ atr }}, 1, row_index),
        'middle': next_average(
            typical_price_of(high, low, close), ranges_state.middle, ema_weight({{ channel }}), {{ channel }},
            keltner_start({{ channel }}, {{ range }}) - {{ channel }} + 1, row_index
        ),
        'channel_range': next_average(
            true_range, ranges_state.channel_range, wilder_weight({{ range }}), {{ range }},
            keltner_start({{ channel }}, {{ range }}) - {{ range }} + 1, row_index
        )
    },
    {
        'plus_sum': plus_sum, 'minus_sum': minus_sum,
        'range_sum': next_wilder_sum(true_range, directional_state.range_sum, {{ adx }}, row_index),
        'dx': next_average(
            case when row_index < 2 * {{ adx }} then coalesce(dx, 0) else dx end, directional_state.dx,
            wilder_weight({{ adx }}), {{ adx }}, {{ adx }}, row_index
        )
    },
    {'variance': next_average(log_return * log_return, volatility_state.variance, 1 - {{ decay }}, 1, 1, row_index)},
    {
        'flow': next_sum(signed_volume_of(close, previous_close, volume), volume_state.flow),
        'located': next_sum(close_location_of(high, low, close) * volume, volume_state.located)
    }
from twice
{% endmacro %}
