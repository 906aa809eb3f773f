-- One row per range of trade ids that was missed; no two overlap. A live view of the ledger.
with

gaps as (
    from {{ ref('gaps') }}
)

select
    source, symbol, first_trade_id, last_trade_id, status, count_filled, reason, detected_at,
    fetched_at, ingest_run_id
from gaps
