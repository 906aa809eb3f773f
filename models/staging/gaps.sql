-- One row per hole in the trade ids of (source, symbol): its newest state.
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
from reported
qualify row_number() over (
    partition by source, symbol, first_trade_id order by fetched_at desc, detected_at desc
) = 1
