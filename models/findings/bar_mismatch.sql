-- One row per minute of the last week that the exchange has closed and whose kline is not our bar.
with

ours as (
    from {{ ref('trade_bars') }}
    where date >= (now() at time zone 'UTC')::date - 7
),

-- A minute without a trade carries the close before it: only its count and volume can be compared.
theirs as (
    select * replace (
        case when trade_count > 0 then open end as open,
        case when trade_count > 0 then high end as high,
        case when trade_count > 0 then low end as low,
        case when trade_count > 0 then close end as close
    )
    from {{ ref('klines') }}
    where is_final and interval = '1m' and ts >= now() - interval 8 day
),

open_gaps as (
    select source, symbol, list({'first_id': first_trade_id, 'last_id': last_trade_id}) as holes
    from {{ ref('gaps') }}
    where status = 'open'
    group by source, symbol
),

paired as (
    select
        source, symbol, ts, theirs.trade_count as their_count,
        coalesce(ours.trade_count, 0) as our_count,
        max_before(ours.last_trade_id, (source, symbol), ts) as id_before,
        min_after(ours.first_trade_id, (source, symbol), ts) as id_after,
        [
            ['open', ours.open::varchar, theirs.open::varchar],
            ['high', ours.high::varchar, theirs.high::varchar],
            ['low', ours.low::varchar, theirs.low::varchar],
            ['close', ours.close::varchar, theirs.close::varchar],
            ['volume', coalesce(ours.volume, 0::decimal(38, 8))::varchar, theirs.volume::varchar],
            ['trades', coalesce(ours.trade_count, 0)::varchar, theirs.trade_count::varchar],
            ['first id', ours.first_trade_id::varchar, theirs.first_trade_id::varchar],
            ['last id', ours.last_trade_id::varchar, theirs.last_trade_id::varchar]
        ] as pairs
    from ours
    full outer join theirs using (source, symbol, interval, ts)
),

compared as (
    select *, list_filter(pairs, lambda pair: pair[3] is not null and pair[2] is distinct from pair[3]) as differences
    from paired
)

-- Ours may lack trades where the recording began, ends, or waits for an open gap to be filled:
-- fewer trades than theirs are no finding there.
select
    'bar_mismatch' as finding,
    source,
    symbol,
    ts,
    list_aggregate(list_transform(
        differences, lambda pair: format('{}: ours {}, exchange {}', pair[1], coalesce(pair[2], 'none'), pair[3])
    ), 'string_agg', '; ') as detail
from compared
left join open_gaps using (source, symbol)
where len(differences) > 0
    and (
        our_count >= their_count
        or (id_before is not null and id_after is not null and len(list_filter(
            coalesce(open_gaps.holes, []), lambda hole: hole.first_id < id_after and hole.last_id > id_before
        )) = 0)
    )
