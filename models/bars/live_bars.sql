-- One row per (source, symbol, interval, ts): stored final bars, and what happened since, the open bar included. Live.
{{ config(materialized='view') }}
with

stored as (
    from {{ ref('bars') }}
),

series as (
    from {{ ref('series') }}
),

stored_until as (
    select source, symbol, interval, max(ts) as last_ts
    from stored
    group by source, symbol, interval
),

-- Minutes come from the ticks of today and yesterday.
minutes as (
    select
        source, symbol, interval, ts, end_ts, open, high, low, close, close as adj_close, volume::double as volume,
        trade_count, bar_vwap_of(quote_volume, volume)::double as bar_vwap, is_final, ingest_run_id
    from {{ ref('trade_bars') }}
    where date >= (now() at time zone 'UTC')::date - 1
),

days as (
    select
        source, symbol, interval, ts, end_ts, open::double as open, high::double as high, low::double as low,
        close::double as close, close::double as adj_close, volume::double as volume, trade_count,
        bar_vwap_of(quote_volume, volume)::double as bar_vwap, is_final, ingest_run_id
    from {{ ref('klines') }}
    where interval = '1d'
),

sessions as (
    select
        source, symbol, interval, ts, end_ts, open, high, low, close, close as adj_close, volume::double as volume,
        null::bigint as trade_count, null::double as bar_vwap, is_final, ingest_run_id
    from {{ ref('equity_prices') }}
    where close is not null
),

received as (
    from minutes
    union all
    from days
    union all
    from sessions
),

newer as (
    select received.*
    from received
    left join stored_until using (source, symbol, interval)
    where received.ts > coalesce(stored_until.last_ts, '-infinity'::timestamptz)
)

select
    source, symbol, interval, ts, end_ts, session_date, open, high, low, close, adj_close, volume, trade_count,
    bar_vwap, true as is_final, ingest_run_id
from stored
union all
select
    source, symbol, interval, ts, end_ts, (ts at time zone series.timezone)::date as session_date, open, high, low,
    close, adj_close, volume, trade_count, bar_vwap, is_final, ingest_run_id
from newer
inner join series using (source, symbol, interval)
