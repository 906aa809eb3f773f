-- One row per range of trade ids of (source, symbol) that the ledger gives one fate; no two overlap.
with

reported as (
    from {{ source('raw', 'gaps') }}
)

select
    source,
    symbol,
    first_trade_id,
    last_trade_id,
    status,
    count_filled,
    reason,
    detected_at,
    fetched_at,
    ingest_run_id
from fates_of_ids('reported')
