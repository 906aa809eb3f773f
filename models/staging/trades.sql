-- One row per trade; a live view over closed and tail, which the boundary of this build parts
-- without overlap.
with

closed as (
    select *, date_trunc('hour', ts at time zone 'UTC') as hour_start
    from {{ source('raw', 'trades_closed') }}
    where ts < trades_boundary() and date <= (trades_boundary() at time zone 'UTC')::date
),

-- Date and hour are folder names: files before the boundary are skipped without being opened.
tail as (
    select *, date + to_hours(hour) as hour_start
    from {{ source('raw', 'trades_tail') }}
    where (date + to_hours(hour)) >= trades_boundary() at time zone 'UTC'
)

select
    source, symbol, trade_id, ts, price, size, is_buyer_maker, origin, fetched_at, ingest_run_id,
    date, hour_start
from closed
union all
select
    source, symbol, trade_id, ts, price, size, is_buyer_maker, origin, fetched_at, ingest_run_id,
    date, hour_start
from tail
