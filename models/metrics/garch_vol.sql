-- One row per (series_id, ts) of days and weeks: volatility as the GARCH(1,1) model of the whole history sees it.
{{ config(materialized='incremental', incremental_strategy='append', pre_hook='{{ forget_stale() }}') }}
with

histories as (
    from {{ ref('histories') }}
),

bars as (
    from {{ ref('final_bars') }}
    where not is_within_day(interval) and {{ is_lacking() }}
),

fits as (
    from {{ ref('garch_fits') }}
)

select
    histories.series_id,
    ts,
    value as garch11_vol,
    histories.history
from garch11_vols('bars', 'fits', null)
inner join histories using (source, symbol, interval)
