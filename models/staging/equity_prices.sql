-- One row per (source, symbol, interval, session_date): prices of the newest pull among those that
-- say most, actions of the newest pull. Impossible prices are NULL, flagged.
-- A table: years of pulls are read by builds alone, so that old ones can be deleted between two.
{{ config(materialized='table') }}
with

received as (
    from {{ source('raw', 'equities') }}
)

from newest_sessions('received')
