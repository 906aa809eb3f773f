-- One row per alert about the data that stands now: a live view, so that an alert is there within the
-- second and gone with its cause.
{{ config(materialized='view', tags='per_symbol') }}
with

instruments as (
    from {{ source('config', 'instruments') }}
),

found as (
    {{ rows_of_rules('data') }}
)

select
    signal_id_of(rule, source, symbol, part, ts) as signal_id, rule, source, symbol, asset_class, ts, value,
    threshold,
    explanation
from found
left join instruments using (source, symbol)
