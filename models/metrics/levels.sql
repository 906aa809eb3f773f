-- One row per (series_id, kind, confirmed_at): a price at which swings turned, on the bar that confirmed it.
{{ config(materialized='incremental', incremental_strategy='append', pre_hook='{{ forget_stale() }}') }}
with

histories as (
    from {{ ref('histories') }}
),

bars as (
    from {{ ref('final_bars') }}
    where {{ is_lacking() }}
),

levels as (
    from support_resistance('bars')
)

select
    histories.series_id, levels.kind, levels.confirmed_at, levels.level, levels.touches,
    levels.pivot_ts, levels.pivot_price, levels.first_pivot_ts, levels.last_pivot_ts,
    histories.history
from levels
inner join histories using (source, symbol, interval)
