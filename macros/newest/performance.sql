{# metrics.performance of new bars. #}
{% macro newest_performance() %}
{% set n = var('window_long') %}
{% set age = 'newest.row_index - past.row_index' %}
with

bars as (
    select
        *, squared_shortfall_of(excess_return) as shortfall,
        (simple_return > 0)::double as wins, (simple_return < 0)::double as losses
    from {{ ref('recent_bars') }}
),

new_bars as (
    select bars.*
    from bars
    inner join {{ ref('changes') }} as changes using (series_id)
    where kind = 'grown' and row_index >= count_before
),

averaged as (
    select
        newest.series_id, newest.ts, any_value(newest.periods_per_year) as periods_per_year,
        recent_mean(past.excess_return, newest.excess_return, {{ n }}, {{ age }}) as mean_excess,
        recent_std(past.excess_return, newest.excess_return, {{ n }}, {{ age }}) as deviation,
        recent_mean(past.shortfall, newest.shortfall, {{ n }}, {{ age }}) as mean_shortfall,
        recent_mean(past.wins, newest.wins, {{ n }}, {{ age }}) as mean_wins,
        recent_mean(past.losses, newest.losses, {{ n }}, {{ age }}) as mean_losses,
        recent_previous_quantile(past.simple_return, 1 - {{ var('var_confidence') }}, {{ n }}, {{ age }})
            as var_historical_rolling
    {{ beside_past('bars', 'new_bars', n + 1) }}
    group by all
),

deviating as (
    select *, annualise(sqrt(mean_shortfall), periods_per_year) as rolling_downside_deviation
    from averaged
)

select
    series_id, ts,
    sharpe_of(mean_excess, deviation, periods_per_year) as rolling_sharpe,
    sortino_of(mean_excess, rolling_downside_deviation, periods_per_year) as rolling_sortino,
    rolling_downside_deviation,
    win_rate_of(mean_wins, mean_losses) as rolling_win_rate,
    var_historical_rolling
from deviating
{% endmacro %}
