{# metrics.volatility and metrics.range_volatility of new bars. #}
{% macro newest_volatility() %}
{% set n = var('window_volatility') %}
{% set age = 'newest.row_index - past.row_index' %}
with

bars as (
    from {{ ref('recent_bars') }}
),

new_bars as (
    {{ new_bars() }}
),

series as (
    select series_id, is_within_day(interval) as is_intraday
    from {{ ref('series') }}
),

averaged as (
    select
        newest.series_id, newest.ts,
        any_value(newest.periods_per_year) as periods_per_year, any_value(newest.log_return) as log_return,
        recent_std(past.log_return, newest.log_return, {{ n }}, {{ age }}) as deviation,
        recent_mean(
            past.log_return * past.log_return, newest.log_return * newest.log_return, {{ n }}, {{ age }}
        ) as mean_square,
        recent_mean(past.elapsed_bars, newest.elapsed_bars, {{ n }}, {{ age }}) as mean_elapsed,
        recent_mean(past.parkinson_variance, newest.parkinson_variance, {{ n }}, {{ age }}) as parkinson_variance,
        recent_mean(
            past.garman_klass_variance, newest.garman_klass_variance, {{ n }}, {{ age }}
        ) as garman_klass_variance
    {{ beside_past('bars', 'new_bars', n) }}
    group by all
)

select
    series_id, ts,
    case when is_intraday then intraday_vol_of(mean_square, mean_elapsed, periods_per_year)
         else annualise(deviation, periods_per_year) end as realized_vol,
    parkinson_vol_of(parkinson_variance, periods_per_year) as parkinson_vol,
    garman_klass_vol_of(garman_klass_variance, periods_per_year) as garman_klass_vol,
    case when log_return is not null then ewma_vol_of(states.volatility_state.variance, periods_per_year) end as ewma_vol
from averaged
inner join series using (series_id)
inner join {{ ref('states') }} as states using (series_id, ts)
{% endmacro %}

{% macro newest_range_volatility() %}
{% set n = var('window_volatility') %}
{% set age = 'newest.row_index - past.row_index' %}
with

bars as (
    from {{ ref('recent_bars') }}
),

new_bars as (
    {{ new_bars() }}
),

averaged as (
    select
        newest.series_id, newest.ts, any_value(newest.periods_per_year) as periods_per_year,
        recent_mean(past.rogers_satchell_variance, newest.rogers_satchell_variance, {{ n }}, {{ age }}) as mean_range,
        recent_variance(past.overnight_return, newest.overnight_return, {{ n }}, {{ age }}) as overnight_variance,
        recent_variance(past.daytime_return, newest.daytime_return, {{ n }}, {{ age }}) as daytime_variance
    {{ beside_past('bars', 'new_bars', n) }}
    group by all
)

select
    series_id, ts,
    rogers_satchell_vol_of(mean_range, periods_per_year) as rogers_satchell_vol,
    yang_zhang_vol_of(
        overnight_variance, daytime_variance, mean_range, {{ n }}, periods_per_year
    ) as yang_zhang_vol
from averaged
{% endmacro %}
