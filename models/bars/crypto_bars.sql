-- One row per (series_id, ts): final bars of a market that never closes; the exchange's, else ours.
{{ config(materialized='incremental', unique_key=['series_id', 'ts'], incremental_strategy='delete+insert') }}
with

series as (
    from {{ ref('series') }}
    where asset_class = 'crypto'
),

-- Rows that came since the last build, and an hour before: writers may lag behind their clock.
news as (
    {% if is_incremental() -%}
    select coalesce(max(fetched_at), '-infinity'::timestamptz) - interval 1 hour as since from {{ this }}
    {%- else -%}
    select '-infinity'::timestamptz as since
    {%- endif %}
),

klines as (
    from {{ ref('klines') }}
    where is_final
),

-- All minutes of the days that got trades, and of the day before: a filled hole makes its old
-- neighbours final.
trade_bars as (
    from {{ ref('trade_bars') }}
    where date >= (
        select min(date) - 1
        from {{ ref('trades') }}
        where fetched_at >= (select since from news)
    )
),

-- Where the exchange's history begins.
beginnings as (
    select source, symbol, interval, min(ts) as first_ts from klines group by all
),

-- The first minute of a recording began before it: ours counts only if the trade before its first
-- one is known, or if the exchange's history does not reach back to it.
whole_trade_bars as (
    select trade_bars.*
    from trade_bars
    left join beginnings using (source, symbol, interval)
    qualify coalesce(
            previous(last_trade_id, series_id, trade_bars.ts) = first_trade_id - 1,
            first_ts is null or trade_bars.ts <= first_ts
        )
        and trade_count = last_trade_id - first_trade_id + 1
),

-- Precedence: the exchange's closed kline wins whenever it exists.
recorded as (
    select *
    from whole_trade_bars
    anti join klines using (source, symbol, interval, ts)
    where is_final
),

united as (
    select *, 'kline' as origin
    from klines
    where fetched_at >= (select since from news)
    union all by name
    select *, 'trades' as origin
    from recorded
)

select
    series.series_id, source, symbol, series.asset_class, interval, united.ts, united.end_ts,
    (united.ts at time zone series.timezone)::date as session_date,
    united.open::double as open, united.high::double as high, united.low::double as low,
    united.close::double as close, united.close::double as adj_close,
    united.volume::double as volume,
    united.trade_count,
    bar_vwap_of(united.quote_volume, united.volume)::double as bar_vwap,
    united.first_trade_id, united.last_trade_id, united.origin, united.fetched_at, united.ingest_run_id
from united
inner join series using (source, symbol, interval)
