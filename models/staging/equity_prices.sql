-- One row per (source, symbol, interval, session_date): what the newest pull said. Impossible
-- prices are NULL, flagged.
with

received as (
    from {{ source('raw', 'equities') }}
)

from newest_sessions('received')
