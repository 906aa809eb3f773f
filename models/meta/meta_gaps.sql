-- One row per hole in the trade ids. A live view of the ledger.
with

gaps as (
    from {{ ref('gaps') }}
)

select source, symbol, first_trade_id, last_trade_id, status, count_filled, reason, detected_at
from gaps
