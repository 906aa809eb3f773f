-- One row per event, newest first.
{{ config(materialized='table') }}
with

alerts as (
    from {{ ref('alerts') }}
),

series as (
    from {{ ref('series') }}
)

select
    alerts.signal_id,
    alerts.rule,
    series.source,
    series.symbol,
    series.asset_class,
    series.interval,
    alerts.ts,
    alerts.end_ts,
    alerts.direction,
    alerts.close,
    alerts.value,
    alerts.threshold,
    alerts.explanation
from alerts
inner join series using (series_id)
order by alerts.ts desc, alerts.signal_id
