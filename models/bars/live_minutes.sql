-- One row per (source, symbol, ts): the newest final minutes of crypto, and those since some hours
-- before the build that are not stored: the exchange's closed kline, else ours from the ticks.
{{ config(materialized='view') }}
with

series as (
    from {{ ref('series') }}
    where interval = '1m'
),

stored as (
    from {{ ref('tails') }}
    where interval = '1m'
),

klines as (
    from {{ ref('klines') }}
    where interval = '1m' and is_final and ts >= live_since()
),

trade_bars as (
    from {{ ref('trade_bars') }}
    where date >= (live_since() at time zone 'UTC')::date
        and hour_start >= live_since() at time zone 'UTC'
),

-- As in crypto_bars: a minute that the recording may not have seen whole is not final.
judged as (
    select * replace (
        is_final and trade_count = last_trade_id - first_trade_id + 1
        and coalesce(previous(last_trade_id, (source, symbol), ts) = first_trade_id - 1, false) as is_final
    )
    from trade_bars
),

heard as (
    select
        source, symbol, ts, end_ts, open::double as open, high::double as high, low::double as low,
        close::double as close, volume, quote_volume, trade_count, is_final, 1 as precedence,
        fetched_at, ingest_run_id
    from klines
    union all
    select
        source, symbol, ts, end_ts, open::double as open, high::double as high, low::double as low,
        close::double as close, volume, quote_volume, trade_count, is_final, 2 as precedence,
        fetched_at, ingest_run_id
    from judged
),

newer as (
    select *
    from heard
    anti join stored using (source, symbol, ts)
    qualify row_number() over (partition by source, symbol, ts order by precedence) = 1
),

united as (
    select
        source, symbol, ts, end_ts, open, high, low, close, volume, trade_count, bar_vwap,
        true as is_final, true as is_stored, fetched_at, ingest_run_id
    from stored
    union all
    select
        source, symbol, ts, end_ts, open, high, low, close, volume::double, trade_count,
        bar_vwap_of(quote_volume, volume)::double, is_final, false, fetched_at, ingest_run_id
    from newer
)

-- A literal interval: a filter on another one skips this whole part.
select
    source, symbol, 'crypto' as asset_class, '1m' as interval, ts, end_ts,
    case when is_final then end_ts else least(end_ts, fetched_at) end as as_of,
    (ts at time zone series.timezone)::date as session_date, open, high, low, close,
    close as adj_close, volume, trade_count, bar_vwap, is_final, is_stored, ingest_run_id,
    series.periods_per_year
from united
inner join series using (source, symbol)
