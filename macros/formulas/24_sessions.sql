-- What several pulls together say of a session.

-- How much a row says of its session's prices: 4 final and whole, 3 final, 2 whole but not final yet, 1 a close alone,
-- 0 nothing. A later pull that says less does not take the place of one that said more.
create or replace macro session_rank_of(is_final, has_close, is_possible) as
    case when not has_close then 0
         when is_final then 3 + is_possible::integer
         else 1 + is_possible::integer end;

-- One row per (source, symbol, interval, session_date) of a relation of raw equity rows: the prices of the newest pull
-- among those that say most, dividend and split of the newest pull of all. Each carries the instant of its pull, as both
-- are split-adjusted as of it; a split also carries the instant of the first pull that named it, because that is when
-- the vendor began to adjust by it (not its ex-date: vendors are early, and late). Impossible prices are NULL, flagged.
create or replace macro newest_sessions(received) as table
    with

    judged as (
        select *, is_price(close) as has_close, is_possible_range(open, high, low, close) as is_possible
        from query_table(received)
    ),

    ranked as (
        select
            *,
            arg_max(dividend, fetched_at) over session as newest_dividend,
            arg_max(split_ratio, fetched_at) over session as newest_split_ratio,
            max(fetched_at) over session as actions_fetched_at
        from judged
        window session as (partition by source, symbol, interval, session_date)
    ),

    known as (
        select
            *,
            min(case when split_ratio = newest_split_ratio then fetched_at end)
                over (partition by source, symbol, interval, session_date) as named_at
        from ranked
        qualify row_number() over (
            partition by source, symbol, interval, session_date
            order by
                session_rank_of(is_final, has_close, is_possible) desc, fetched_at desc, ingest_run_id desc
        ) = 1
    )

    select
        source,
        symbol,
        interval,
        session_date,
        ts,
        end_ts,
        case when is_possible then open end as open,
        case when is_possible then high end as high,
        case when is_possible then low end as low,
        case when has_close then close end as close,
        vendor_adj_close,
        volume,
        newest_dividend as dividend,
        newest_split_ratio as split_ratio,
        case when newest_split_ratio > 0 then named_at end as split_known_at,
        currency,
        is_final,
        is_possible,
        actions_fetched_at,
        fetched_at,
        ingest_run_id
    from known;

-- Whether a file of raw equity rows, named by its run, holds a pull since an instant. As it needs the name alone, a
-- view that asks it opens no other file.
create or replace macro is_pull_since(filename, instant) as
    parse_filename(filename) >= strftime(instant at time zone 'UTC', '%Y%m%dT%H%M%S');

comment on macro is_pull_since is 'whether the file of a pull is named by an instant or a later one';
comment on macro session_rank_of is 'how much a row says of its session: 4 final and whole, 0 nothing';
comment on macro table newest_sessions is 'the newest pull of each session that says most; impossible prices are NULL';
