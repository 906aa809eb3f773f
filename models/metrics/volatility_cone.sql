-- One row per (series_id, window_bars): the volatilities that windows of this length have had.
{{ config(materialized='incremental', incremental_strategy='append', pre_hook='{{ forget_stale() }}') }}
with

histories as (
    from {{ ref('histories') }}
),

bars as (
    from {{ ref('final_bars') }}
    where {{ is_lacking() }}
),

cone as (
    from volatility_cone('bars')
)

select
    histories.series_id,
    cone."window" as window_bars,
    cone."min" as least_vol,
    cone.q25 as lower_vol,
    cone.median as median_vol,
    cone.q75 as upper_vol,
    cone."max" as greatest_vol,
    cone."last" as newest_vol,
    histories.history
from cone
inner join histories using (source, symbol, interval)
