-- One row per (source, symbol, date): whether each trade id of the day is stored, once. A live view.
with

stored_ids as (
    from {{ ref('stored_ids') }}
)

select
    source,
    symbol,
    date,
    min(first_trade_id) as first_trade_id,
    max(last_trade_id) as last_trade_id,
    sum(row_count)::bigint as row_count,
    sum(count_missing)::bigint as count_missing,
    sum(count_absent)::bigint as count_absent,
    sum(count_open)::bigint as count_open,
    sum(count_unexplained)::bigint as count_unexplained,
    sum(count_duplicates)::bigint as count_duplicates
from stored_ids
group by source, symbol, date
