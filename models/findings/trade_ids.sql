-- One row per hole in the stored trade ids that the ledger does not explain, and per hour with an id
-- that is stored twice.
with

stored_ids as (
    from {{ ref('stored_ids') }}
)

select
    'unexplained_hole' as finding,
    source,
    symbol,
    hour_start at time zone 'UTC' as ts,
    format(
        'ids {} to {}: {} have no trade, and the ledger does not say why',
        reached_trade_id + 1, first_trade_id - 1, count_unexplained
    ) as detail
from stored_ids
where count_unexplained > 0
union all
select
    'duplicate_trades' as finding,
    source,
    symbol,
    hour_start at time zone 'UTC' as ts,
    format(
        '{} rows repeat an id, among ids {} to {}', sum(count_duplicates), min(first_trade_id), max(last_trade_id)
    ) as detail
from stored_ids
group by source, symbol, hour_start
having sum(count_duplicates) > 0
