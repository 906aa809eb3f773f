-- One row per rule: what it is, on which bars and with which numbers it works, and whether it is on.
{{ config(materialized='view') }}
with

given as (
    from {{ source('config', 'signal_rules') }}
)

select rule, kind, description, intervals, thresholds, is_on
from given
