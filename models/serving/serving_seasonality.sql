-- One row per (source, symbol, interval, period, period_value): what a month, a weekday or an hour has earned.
with

series as (
    from {{ ref('series') }}
),

seasons as (
    from {{ ref('seasonality') }}
)

select
    source, symbol, interval, period, period_value, n_obs, mean_return, median_return, deviation, season_win_rate,
    t_stat
from seasons
inner join series using (series_id)
