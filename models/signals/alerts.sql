-- One row per event of any rule.
{{ config(materialized='view') }}
with

crossovers as (
    from {{ ref('crossovers') }}
)

select signal_id, rule, series_id, ts, end_ts, direction, close, value, threshold, explanation
from crossovers
