-- One row per (source, symbol, hour) and unbroken range of its trade ids, with the hole before it.
with

id_ranges as (
    from {{ ref('id_ranges') }}
),

live_id_ranges as (
    from {{ ref('live_id_ranges') }}
),

-- What was filled since the hours were counted is believed; what was filled before must be there.
gaps as (
    from {{ ref('gaps') }}
    where status <> 'filled' or fetched_at >= counted_since()
),

-- Ids and clock may disagree at the turn of an hour: the greatest id before counts, not the last.
ordered as (
    select *, max_before(last_trade_id, (source, symbol), first_trade_id) as reached_trade_id
    from (from id_ranges union all from live_id_ranges)
),

-- A view reads one file after the other: what arrived meanwhile may be seen without what came just
-- before it.
holes as (
    select
        source, symbol, first_trade_id, reached_trade_id + 1 as first_id, first_trade_id - 1 as last_id
    from ordered
    where first_trade_id > reached_trade_id + 1 and begun_at < now() - interval 10 second
),

judged as (
    select
        holes.source, holes.symbol, holes.first_trade_id, gaps.status, last_id - first_id + 1 as count_ids,
        1 + least(last_id, gaps.last_trade_id) - greatest(first_id, gaps.first_trade_id) as count_shared
    from holes
    left join gaps
        on gaps.source = holes.source
        and gaps.symbol = holes.symbol
        and gaps.first_trade_id <= last_id
        and gaps.last_trade_id >= first_id
),

counted as (
    select
        source, symbol, first_trade_id,
        any_value(count_ids) - coalesce(sum(count_shared) filter (where status = 'filled'), 0) as count_missing,
        coalesce(sum(count_shared) filter (where status = 'absent_upstream'), 0) as count_absent,
        coalesce(sum(count_shared) filter (where status = 'open'), 0) as count_open
    from judged
    group by source, symbol, first_trade_id
)

select
    source,
    symbol,
    date,
    hour_start,
    first_trade_id,
    last_trade_id,
    reached_trade_id,
    row_count,
    coalesce(count_missing, 0)::bigint as count_missing,
    coalesce(count_absent, 0)::bigint as count_absent,
    coalesce(count_open, 0)::bigint as count_open,
    coalesce(count_missing - count_absent - count_open, 0)::bigint as count_unexplained,
    row_count - greatest(
        0, last_trade_id - greatest(first_trade_id - 1, coalesce(reached_trade_id, first_trade_id - 1))
    ) as count_duplicates
from ordered
left join counted using (source, symbol, first_trade_id)
