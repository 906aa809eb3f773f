-- One row per (series_id, ts): indicators whose every value depends on the path before it.
{{ config(materialized='incremental', incremental_strategy='append', pre_hook='{{ forget_stale() }}') }}
with

histories as (
    from {{ ref('histories') }}
),

bars as (
    from {{ ref('final_bars') }}
    where {{ is_lacking() }}
),

sar as (
    from psar('bars')
),

adaptive as (
    from kama('bars')
),

trends as (
    from supertrend_lines('bars', 10, 3.0)
)

select
    histories.series_id,
    ts,
    sar.value as psar,
    adaptive.value as kama,
    trends.line as supertrend,
    trends.direction as supertrend_direction,
    histories.history
from sar
inner join histories using (source, symbol, interval)
inner join adaptive using (source, symbol, interval, ts)
left join trends using (source, symbol, interval, ts)
