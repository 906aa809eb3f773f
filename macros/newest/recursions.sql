{# What the recursions of metrics.states give on new bars: metrics.averages, macd, momentum, ranges, directional. #}
{% macro new_states() -%}
    select states.*, high, low, close, previous_close
    from {{ ref('states') }} as states
    inner join ({{ new_bars() }}) as bars using (series_id, ts)
{%- endmacro %}

{% macro newest_averages() %}
{% set n, medium = var('window_short'), var('window_medium') %}
select
    series_id, ts,
    case when row_index >= {{ n }} - 1 then averages_state.once end as ema_short,
    case when row_index >= {{ medium }} - 1 then averages_state.medium end as ema_medium,
    case when row_index >= 2 * ({{ n }} - 1) then dema_of(averages_state.once, averages_state.twice) end as dema,
    case when row_index >= 3 * ({{ n }} - 1)
         then tema_of(averages_state.once, averages_state.twice, averages_state.thrice) end as tema
from ({{ new_states() }})
{% endmacro %}

{% macro newest_macd() %}
{% set slow, signal = var('macd_slow'), var('macd_signal') %}
{% set is_known = 'row_index >= ' ~ slow ~ ' + ' ~ signal ~ ' - 2' %}
select
    series_id, ts,
    case when {{ is_known }} then macd_of(macd_state.fast, macd_state.slow) end as macd,
    case when {{ is_known }} then macd_state.signal end as macd_signal,
    case when {{ is_known }} then macd_hist_of(macd_of(macd_state.fast, macd_state.slow), macd_state.signal) end as macd_hist,
    case when row_index >= {{ slow }} - 1 then ppo_of(macd_state.ppo_fast, macd_state.slow) end as ppo
from ({{ new_states() }})
{% endmacro %}

{% macro newest_momentum() %}
{% set n = var('window_trix') %}
select
    series_id, ts,
    case when row_index >= {{ var('window_rsi') }} then rsi_of(momentum_state.gain, momentum_state.loss) end as rsi,
    roc_of(close, close_before) as roc,
    close - close_before as momentum,
    case when row_index >= 3 * {{ n }} - 2 then roc_of(momentum_state.thrice, momentum_state.before) end as trix
from ({{ new_states() }})
left join (
    select series_id, row_index + {{ var('window_rate') }} as row_index, close as close_before
    from {{ ref('recent_bars') }}
) as before using (series_id, row_index)
{% endmacro %}

{% macro newest_ranges() %}
{% set start = 'keltner_start(' ~ var('window_keltner') ~ ', ' ~ var('window_keltner_range') ~ ')' %}
with

averaged as (
    select
        *,
        case when row_index >= {{ var('window_atr') }} then ranges_state.range end as atr,
        case when row_index >= {{ start }} then ranges_state.middle end as keltner_middle,
        case when row_index >= {{ start }} then {{ var('keltner_width') }} * ranges_state.channel_range end as half_width
    from ({{ new_states() }})
)

select
    series_id, ts, true_range_of(high, low, previous_close) as true_range, atr,
    natr_of(atr, close) as natr,
    keltner_middle + half_width as keltner_upper,
    keltner_middle,
    keltner_middle - half_width as keltner_lower
from averaged
{% endmacro %}

{% macro newest_directional() %}
{% set n = var('window_adx') %}
select
    series_id, ts,
    case when row_index >= {{ n }} then directional_index_of(directional_state.plus_sum, directional_state.range_sum) end as plus_di,
    case when row_index >= {{ n }} then directional_index_of(directional_state.minus_sum, directional_state.range_sum) end as minus_di,
    case when row_index >= 2 * {{ n }} - 1 and directional_state.plus_sum + directional_state.minus_sum > 0
         then directional_state.dx end as adx
from ({{ new_states() }})
{% endmacro %}
