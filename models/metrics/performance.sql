-- One row per (series_id, ts): trailing performance over the long window.
with

returns as (
    from {{ ref('returns') }}
),

rolled as (
    select
        series_id,
        ts,
        roll_sharpe(excess_return, {{ var('window_long') }}, periods_per_year, series_id, ts) as rolling_sharpe,
        roll_sortino(excess_return, {{ var('window_long') }}, periods_per_year, series_id, ts) as rolling_sortino,
        roll_downside_deviation(excess_return, {{ var('window_long') }}, periods_per_year, series_id, ts)
            as rolling_downside_deviation,
        roll_win_rate(simple_return, {{ var('window_long') }}, series_id, ts) as rolling_win_rate,
        roll_var_historical(simple_return, {{ var('var_confidence') }}, {{ var('window_long') }}, series_id, ts)
            as var_historical_rolling
    from returns
)

select
    series_id, ts, rolling_sharpe, rolling_sortino, rolling_downside_deviation, rolling_win_rate,
    var_historical_rolling
from rolled
