-- Bars of coarser intervals from finer ones.

-- Start of the bar of an interval that an instant lies in, by UTC; weeks start on Monday.
create or replace macro interval_start_of(bar_interval, ts) as
    time_bucket(to_minutes(bar_minutes(bar_interval)), ts);

-- The row after.
create or replace macro following(x, series, ts) as lead(x) over (partition by series order by ts);

-- Whether nothing is missing between a bar and the one before: it began where that ended, or its first trade
-- has the next id, so that nothing was traded in between.
create or replace macro is_next_bar(ts, previous_end_ts, first_trade_id, previous_last_trade_id) as
    coalesce(ts = previous_end_ts, false) or coalesce(first_trade_id = previous_last_trade_id + 1, false);

-- Final bars of a market that never closes, one row for each coarser interval (column span_interval, from span_ts to
-- span_end_ts) that a bar belongs to. A row is whole if nothing is missing on either side of it within its span.
create or replace macro spans_of_bars(relation) as table
    with stepped as (
        select *,
            is_next_bar(
                ts, previous(end_ts, (source, symbol, interval), ts),
                first_trade_id, previous(last_trade_id, (source, symbol, interval), ts)
            ) as is_next
        from query_table(relation)
    ),
    linked as (
        select *, following(is_next, (source, symbol, interval), ts) as is_followed
        from stepped
    ),
    coarser as (
        from (values ('1m', '5m'), ('1m', '15m'), ('1m', '1h'), ('1m', '4h'), ('1d', '1w')) as t(interval, span_interval)
    ),
    spanned as (
        select *,
            interval_start_of(span_interval, ts) as span_ts,
            span_ts + to_minutes(bar_minutes(span_interval)) as span_end_ts
        from linked
        inner join coarser using (interval)
    )
    select * exclude (is_next, is_followed),
        (is_next or ts = span_ts) and (coalesce(is_followed, false) or end_ts = span_end_ts) as is_whole
    from spanned;

-- One bar for each span of a relation of finer bars, if all its rows are whole: open of the first, highest high, lowest
-- low, close of the last, volumes added up. What one of the finer bars does not know, the coarser one does not know.
create or replace macro coarser_bars(relation) as table
    select
        source, symbol, span_interval as interval, span_ts as ts, max(span_end_ts) as end_ts,
        arg_min_null(open, ts) as open,
        case when count(high) = count(*) then max(high) end as high,
        case when count(low) = count(*) then min(low) end as low,
        arg_max(close, ts) as close, arg_max(adj_close, ts) as adj_close,
        case when count(volume) = count(*) then sum(volume) end as volume,
        case when count(trade_count) = count(*) then sum(trade_count)::bigint end as trade_count,
        bar_vwap_of(sum(bar_vwap * volume), sum(case when bar_vwap is not null then volume end)) as bar_vwap,
        max(split_adjusted_at) as split_adjusted_at, max(fetched_at) as fetched_at,
        arg_max(ingest_run_id, ts) as ingest_run_id
    from query_table(relation)
    group by source, symbol, span_interval, span_ts
    having bool_and(is_whole);

comment on macro interval_start_of is 'start of the bar of an interval that an instant lies in; weeks start on Monday';
comment on macro following is 'value of the bar after; NULL for the last';
comment on macro is_next_bar is 'whether nothing is missing between a bar and the one before';
comment on macro table spans_of_bars is 'final bars with each coarser interval that they belong to';
comment on macro table coarser_bars is 'one bar for each span of a relation of finer bars that is whole';
