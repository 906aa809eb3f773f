-- Trade ids as ranges: what the ledger says of each id, and which ids are stored.

-- The dyadic blocks that make up the positions first to last: at most two per level, [level, block] each, where a
-- block of level k holds 2^k positions. So a range of any length is found by few equalities instead of a comparison.
create or replace macro blocks_of(first, last) as
    flatten(list_transform(
        list_filter(range(40), lambda k: ((first + (1::bigint << k) - 1) >> k) < ((last + 1) >> k)),
        lambda k: list_concat(
            case when ((first + (1::bigint << k) - 1) >> k) % 2 = 1
                 then [[k, (first + (1::bigint << k) - 1) >> k]] else [] end,
            case when ((last + 1) >> k) % 2 = 1 then [[k, ((last + 1) >> k) - 1]] else [] end
        )
    ));

-- What the ledger says of each trade id, as disjoint ranges of ids of one fate: the newest row that covers an id counts.
-- A range that a newer row cuts in two comes twice.
create or replace macro fates_of_ids(ledger) as table
    with ranked as (
        select *, row_number() over (partition by source, symbol order by fetched_at, ingest_run_id, first_trade_id) as age_rank
        from query_table(ledger)
    ),
    -- Between two cuts all ids share their fate: a piece, numbered by the cut that it begins with.
    cuts as (
        select source, symbol, age_rank, unnest([first_trade_id, last_trade_id + 1]) as cut
        from ranked
    ),
    numbered_cuts as (
        select source, symbol, age_rank, cut, dense_rank() over (partition by source, symbol order by cut) as piece
        from cuts
    ),
    pieces as (
        select source, symbol, piece, cut, lead(cut) over (partition by source, symbol order by cut) as next_cut
        from (select distinct source, symbol, piece, cut from numbered_cuts)
    ),
    placed as (
        select source, symbol, age_rank, unnest(blocks_of(min(piece), max(piece) - 1)) as block
        from numbered_cuts
        group by source, symbol, age_rank
    ),
    newest_of_block as (
        select source, symbol, block[1] as level, block[2] as block, max(age_rank) as age_rank
        from placed
        group by source, symbol, block[1], block[2]
    ),
    -- The blocks that a piece lies in, one per level.
    homes as (
        select source, symbol, piece, cut, next_cut, unnest(range((select max(level) + 1 from newest_of_block))) as level,
            piece >> level as block
        from pieces
    ),
    newest_of_piece as (
        select source, symbol, piece, any_value(cut) as cut, any_value(next_cut) as next_cut, max(age_rank) as age_rank
        from homes
        inner join newest_of_block using (source, symbol, level, block)
        group by source, symbol, piece
    ),
    -- Neighbours that the same row decides are one range.
    numbered as (
        select *, piece - row_number() over (partition by source, symbol, age_rank order by piece) as run
        from newest_of_piece
    ),
    merged as (
        select source, symbol, age_rank, min(cut) as from_id, max(next_cut) - 1 as to_id
        from numbered
        group by source, symbol, age_rank, run
    )
    select source, symbol, from_id as first_trade_id, to_id as last_trade_id, status,
        case when status = 'filled' then to_id - from_id + 1 else 0 end as count_filled,
        reason, detected_at, fetched_at, ingest_run_id
    from merged
    inner join ranked using (source, symbol, age_rank);

-- The ids of a relation of trades as unbroken ranges, hour by hour: one row per source, symbol, hour and range, with the
-- fetched_at of its first trade (begun_at; beside a hole to some 32 trades) and of its newest.
-- Exact at a thirtieth of the memory that distinct ids would take: 32 neighbours share a word of bits.
create or replace macro id_ranges_of_trades(relation) as table
    with words as (
        select source, symbol, date, hour_start, trade_id // 32 as word, bit_or(1::bigint << (trade_id % 32)) as bits,
            min(trade_id) as first_id, max(trade_id) as last_id, count(*) as count_rows,
            arg_min(fetched_at, trade_id) as begun_at, max(fetched_at) as fetched_at
        from query_table(relation)
        group by source, symbol, date, hour_start, trade_id // 32
    ),
    -- A word without a hole is one part; of the others each id is. Rows beyond the first of an id go to the first part.
    parts as (
        select source, symbol, date, hour_start, begun_at, fetched_at,
            unnest(case when bit_count(bits) = last_id - first_id + 1
                then [{'first_id': first_id, 'last_id': last_id, 'count_rows': count_rows}]
                else list_transform(
                    list_filter(range(32), lambda bit: (bits >> bit) & 1 = 1),
                    lambda bit: {
                        'first_id': word * 32 + bit, 'last_id': word * 32 + bit,
                        'count_rows': case when word * 32 + bit = first_id then 1 + count_rows - bit_count(bits) else 1 end
                    }
                ) end, recursive := true)
        from words
    ),
    begun as (
        select *, coalesce(first_id > 1 + lag(last_id) over (
            partition by source, symbol, date, hour_start order by first_id), true) as is_begin
        from parts
    ),
    numbered as (
        select *, count_if(is_begin) over (partition by source, symbol, date, hour_start order by first_id) as run
        from begun
    )
    select source, symbol, date, hour_start, min(first_id) as first_trade_id, max(last_id) as last_trade_id,
        sum(count_rows)::bigint as row_count, arg_min(begun_at, first_id) as begun_at, max(fetched_at) as fetched_at
    from numbered
    group by source, symbol, date, hour_start, run;

comment on macro blocks_of is 'positions first to last as [level, block] pairs of 2^level positions each';
comment on macro table fates_of_ids is 'the newest word of a gap ledger on each trade id, as disjoint ranges';
comment on macro table id_ranges_of_trades is 'unbroken ranges of the trade ids of a relation of trades, per hour';
