-- One row per (series_id, period, period_value): what a month, a weekday or an hour has earned.
with

bars as (
    from {{ ref('final_bars') }}
),

seasons as (
    from seasonality('bars')
)

select
    series_id_of(source, symbol, interval) as series_id, seasons.period,
    seasons.period_value, seasons.n_obs, seasons.mean_return, seasons.median_return,
    seasons.std as deviation, seasons.win_rate as season_win_rate, seasons.t_stat
from seasons
