-- One row per (series_id, period, period_value): what a month, a weekday or an hour has earned.
{{ config(materialized='incremental', incremental_strategy='append', pre_hook='{{ forget_stale() }}') }}
with

histories as (
    from {{ ref('histories') }}
),

bars as (
    from {{ ref('final_bars') }}
    where {{ is_lacking() }}
),

seasons as (
    from seasonality('bars')
)

select
    histories.series_id, seasons.period,
    seasons.period_value, seasons.n_obs, seasons.mean_return, seasons.median_return,
    seasons.std as deviation, seasons.win_rate as season_win_rate, seasons.t_stat,
    histories.history
from seasons
inner join histories using (source, symbol, interval)
