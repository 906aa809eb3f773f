-- One row per (series_id, ts): trailing performance over the long window.
{% set n = var('window_long') %}
{% call trailing(newest_performance) %}
with

returns as (
    from {{ ref('ordered_returns') }}
    where {{ is_streamed() }}
),

counted as (
    select
        *,
        excess_return as of_excess,
        squared_shortfall_of(excess_return) as of_shortfall,
        (simple_return > 0)::double as of_wins,
        (simple_return < 0)::double as of_losses
    from returns
),

fours as (
    select *, squares_of_rows(of_excess, of4_excess) as squares4
    from with_blocks('counted')
),

sixteens as (
    select *, squares_of_4(squares4, of4_excess, of16_excess, 4) as squares16
    from fours
),

averaged as (
    select
        *,
        squares_of_4(squares16, of16_excess, of64_excess, 16) as squares64,
        last_mean(
            of_excess, of4_excess, of16_excess, of64_excess, {{ n }}, row_index
        ) as mean_excess,
        last_mean(
            of_shortfall, of4_shortfall, of16_shortfall, of64_shortfall, {{ n }}, row_index
        ) as mean_shortfall,
        last_mean(of_wins, of4_wins, of16_wins, of64_wins, {{ n }}, row_index) as mean_wins,
        last_mean(of_losses, of4_losses, of16_losses, of64_losses, {{ n }}, row_index) as mean_losses
    from sixteens
),

deviating as (
    select
        *,
        std_of(
            last_squares(
                of_excess, of4_excess, of16_excess, of64_excess, squares4, squares16, squares64, mean_excess, {{ n }}
            ), {{ n }}
        ) as deviation,
        annualise(sqrt(mean_shortfall), periods_per_year) as rolling_downside_deviation,
        roll_var_historical(simple_return, {{ var('var_confidence') }}, {{ n }}, series_id, ts)
            as var_historical_rolling
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
{% endcall %}
