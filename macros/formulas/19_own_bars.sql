-- A table of one's own as bars that every metric can be asked of.

-- The columns of bars that a table may lack, without a row. Not ts and close: those it must have.
create or replace macro no_bars() as table
    select
        null::varchar as source, null::varchar as symbol, null::varchar as interval, null::timestamptz as fetched_at,
        null::double as open, null::double as high, null::double as low, null::double as close,
        null::double as adj_close, null::double as volume, null::double as periods_per_year
    where false;

-- A price or volume as metrics read it: NULL where it is negative, infinite or no number. Zero stays.
create or replace macro clean_of(x) as case when isfinite(x::double) and x::double >= 0 then x::double end;

-- An instant from a date, a timestamp (read as UTC, whatever the time zone of the session) or an instant.
create or replace macro instant_of(ts) as make_timestamp(epoch_us(ts)) at time zone 'UTC';

-- The rows of a relation with ts and close, completed with what metrics read beside them: source 'file',
-- symbol 'bars', interval '1d', adj_close = close, periods_per_year = ppy, and no open, high, low, volume, where
-- the relation has no such column or nothing in it of a series. One row per series and ts: the last fetched,
-- else the last as given.
create or replace macro bars_from(relation, ppy := 252) as table
    with given as (
        from no_bars() union all by name from query_table(relation)
    ),
    keyed as (
        select
            coalesce(source, 'file') as source, coalesce(symbol, 'bars') as symbol,
            coalesce(interval, '1d') as interval, instant_of(ts) as ts,
            clean_of(open) as open, clean_of(high) as high, clean_of(low) as low, clean_of(close) as close,
            clean_of(adj_close) as given_adj_close, clean_of(volume) as volume, fetched_at,
            case when isfinite(periods_per_year::double) and periods_per_year::double > 0
                 then periods_per_year::double end as given_ppy,
            row_number() over () as given_row
        from given
        where ts is not null
    )
    select
        source, symbol, interval, ts, open, high, low, close,
        case when count(given_adj_close) over (partition by source, symbol, interval) > 0
             then given_adj_close else close end as adj_close,
        volume, coalesce(given_ppy, ppy)::double as periods_per_year
    from keyed
    qualify row_number() over (
        partition by source, symbol, interval, ts order by fetched_at desc nulls last, given_row desc
    ) = 1;

comment on macro table no_bars is 'the columns of bars, without a row';
comment on macro clean_of is 'a number that is finite and not negative; else NULL';
comment on macro instant_of is 'an instant; a date or timestamp is read as UTC';
comment on macro table bars_from is 'a relation with ts and close as bars for every metric macro';
