-- One row per (source, symbol, hour) and unbroken range of its trade ids: hours since shortly before the build.
with

-- All of them are in the tail, so that the closed files need not even be listed.
tail as (
    select *, date + to_hours(hour) as hour_start
    from {{ source('raw', 'trades_tail') }}
    where (date + to_hours(hour)) >= counted_since() at time zone 'UTC'
)

select
    source, symbol, date, hour_start, first_trade_id, last_trade_id, row_count, begun_at, fetched_at
from id_ranges_of_trades('tail')
