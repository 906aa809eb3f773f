-- One row per (series_id, ts): a final bar and what it earned since the bar before.
{{ config(materialized='view') }}
with

ordered as (
    from {{ ref('ordered_returns') }}
),

series as (
    from {{ ref('series') }}
)

select series_id, source, symbol, asset_class, interval, ordered.* exclude (series_id)
from ordered
inner join series using (series_id)
