-- One row per (source, symbol): how complete its stored trades are, today and in all. A live view.
with

completeness as (
    select *, date = (now() at time zone 'UTC')::date as is_today
    from {{ ref('completeness') }}
)

select
    source,
    symbol,
    min(date) as first_date,
    max(date) as newest_date,
    max(last_trade_id) as last_trade_id,
    sum(row_count)::bigint as row_count,
    coalesce(sum(row_count) filter (where is_today), 0)::bigint as row_count_today,
    coalesce(sum(count_missing) filter (where is_today), 0)::bigint as count_missing_today,
    coalesce(sum(count_unexplained) filter (where is_today), 0)::bigint as count_unexplained_today,
    sum(count_missing)::bigint as count_missing,
    sum(count_absent)::bigint as count_absent,
    sum(count_open)::bigint as count_open,
    sum(count_unexplained)::bigint as count_unexplained,
    sum(count_duplicates)::bigint as count_duplicates
from completeness
group by source, symbol
