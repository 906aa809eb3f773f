-- One row per series_id of days and weeks: the GARCH(1,1) fit that metrics.garch and metrics.garch_vol show.
{{ config(materialized='incremental', incremental_strategy='append', pre_hook='{{ forget_stale() }}') }}
with

histories as (
    from {{ ref('histories') }}
),

bars as (
    from {{ ref('final_bars') }}
    where not is_within_day(interval) and {{ is_lacking() }}
),

fitted as (
    from garch11('bars')
)

select
    histories.series_id, source, symbol, interval, mu, omega, alpha, beta, loglik, persistence, variances,
    histories.history
from fitted
inner join histories using (source, symbol, interval)
