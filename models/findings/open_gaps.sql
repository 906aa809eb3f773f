-- One row per hole in the trade ids that is not filled.
with

gaps as (
    from {{ ref('gaps') }}
    where status = 'open'
)

select
    'open_gap' as finding,
    source,
    symbol,
    detected_at as ts,
    format('ids {} to {}: {}', first_trade_id, last_trade_id, reason) as detail
from gaps
