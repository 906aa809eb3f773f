-- One row per series_id of days and weeks: whether the trailing value at risk kept its promise.
{{ config(materialized='incremental', incremental_strategy='append', pre_hook='{{ forget_stale() }}') }}
with

histories as (
    from {{ ref('histories') }}
),

bars as (
    from {{ ref('final_bars') }}
    where not is_within_day(interval) and {{ is_lacking() }}
),

tested as (
    from var_backtest('bars', {{ var('var_confidence') }}, {{ var('window_long') }})
),

zones as (
    select source, symbol, interval, value::integer as basel_zone
    from basel_zone('bars')
)

select
    histories.series_id, tested.confidence_level, tested.forecasts as n_obs,
    tested.exceptions as var_exceptions, tested.expected_exceptions, tested.low_power,
    tested.kupiec_lr, tested.kupiec_pvalue, tested.christoffersen_ind_lr,
    tested.christoffersen_ind_pvalue, tested.christoffersen_cc_lr, tested.christoffersen_cc_pvalue,
    tested.es_backtest_z2, zones.basel_zone,
    histories.history
from tested
inner join histories using (source, symbol, interval)
inner join zones using (source, symbol, interval)
