-- What the newest of several pulls says of a session.

-- One row per (source, symbol, interval, session_date) of a relation of raw equity rows. Impossible prices are NULL, and
-- the row says so.
create or replace macro newest_sessions(received) as table
    with

    newest as (
        select *
        from query_table(received)
        qualify row_number() over (
            partition by source, symbol, interval, session_date order by fetched_at desc, ingest_run_id desc
        ) = 1
    ),

    judged as (
        select *, is_price(close) as has_close, is_possible_range(open, high, low, close) as is_possible
        from newest
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
        dividend,
        split_ratio,
        currency,
        is_final,
        is_possible,
        fetched_at,
        ingest_run_id
    from judged;

comment on macro table newest_sessions is 'the newest pull of each session; impossible prices are NULL';
