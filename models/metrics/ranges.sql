-- One row per (series_id, ts): how far bars go, and Keltner's channel that is made of it.
{% set n = var('window_atr') %}
{% set channel = var('window_keltner') %}
{% set channel_range = var('window_keltner_range') %}
{% call trailing(newest_ranges, has_states=true) %}
with

returns as (
    select *, is_newest_of_series(series_id) as is_newest
    from {{ ref('ordered_returns') }}
    where {{ is_streamed() }}
),

stepped as (
    select
        *,
        typical_price_of(high, low, close) as price,
        true_range_of(high, low, earlier_in_series(close, 1, row_index)) as true_range,
        row_index >= keltner_start({{ channel }}, {{ channel_range }}) as is_in_channel
    from returns
),

inputs as (
    select
        *,
        average_filter(true_range, wilder_weight({{ n }}), {{ n }}, 1, row_index) as state_range,
        average_filter(
            price, ema_weight({{ channel }}), {{ channel }},
            keltner_start({{ channel }}, {{ channel_range }}) - {{ channel }} + 1, row_index
        ) as state_middle,
        average_filter(
            true_range, wilder_weight({{ channel_range }}), {{ channel_range }},
            keltner_start({{ channel }}, {{ channel_range }}) - {{ channel_range }} + 1, row_index
        ) as state_channel_range
    from stepped
),

averaged as (
    select
        *,
        case when row_index >= {{ n }} then state_range.state end as atr,
        case when is_in_channel then state_middle.state end as keltner_middle,
        case when is_in_channel then {{ var('keltner_width') }} * state_channel_range.state end as half_width
    from filtered(
        'inputs', least(wilder_weight({{ n }}), ema_weight({{ channel }}), wilder_weight({{ channel_range }}))
    )
)

select
    series_id, ts, true_range, atr,
    natr_of(atr, close) as natr,
    keltner_middle + half_width as keltner_upper,
    keltner_middle,
    keltner_middle - half_width as keltner_lower,
    case when is_newest then [{
        'range': state_range.state, 'middle': state_middle.state, 'channel_range': state_channel_range.state
    }] end as state
from averaged
{% endcall %}
