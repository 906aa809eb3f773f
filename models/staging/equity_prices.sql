-- One row per (source, symbol, interval, session_date): prices of the newest pull among those that
-- say most, actions of the newest pull. Impossible prices are NULL, flagged.
with

received as (
    from {{ source('raw', 'equities') }}
)

from newest_sessions('received')
