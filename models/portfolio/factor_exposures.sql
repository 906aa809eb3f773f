-- One row per (source, symbol, factor_set, factor) of each equity and each portfolio: how much it moves with a factor.
{{ config(materialized='incremental', incremental_strategy='append', pre_hook='{{ forget_universe() }}') }}
with

factors as (
    select *, session_date::timestamp at time zone 'UTC' as ts
    from {{ ref('factor_returns') }}
    where {{ is_universe_lacking() }}
),

daily_universe as (
    select ts, factor, value from factors where factor_set = 'universe'
),

daily_file as (
    select ts, factor, value from factors where factor_set = 'file' and frequency = 'daily'
),

monthly_file as (
    select ts, factor, value from factors where factor_set = 'file' and frequency = 'monthly'
),

bars as (
    select source, symbol, '1d' as interval, session_date::timestamp at time zone 'UTC' as ts, adj_close
    from {{ ref('final_bars') }}
    where interval = '1d' and asset_class = 'equity'
    union all
    select 'portfolio', portfolio, '1d', session_date::timestamp at time zone 'UTC', wealth
    from {{ ref('portfolio_returns') }}
),

fitted as (
    select 'universe' as factor_set, 'daily' as frequency, * from exposures_of('bars', 'daily_universe', 'daily', null)
    union all
    select 'file', 'daily', * from exposures_of('bars', 'daily_file', 'daily', null)
    union all
    select 'file', 'monthly', * from exposures_of('bars', 'monthly_file', 'monthly', null)
)

select
    source, symbol, factor_set, frequency, factor, exposure, standard_error, t_value,
    hac_standard_error, hac_t_value, r2, adjusted_r2, n_obs, {{ universe() }} as universe
from fitted
