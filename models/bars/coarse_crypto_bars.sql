-- One row per (series_id, ts): final bars of coarser intervals of a market that never closes, from its final bars.
{{ config(materialized='incremental', unique_key=['series_id', 'ts'], incremental_strategy='delete+insert') }}
with

series as (
    from {{ ref('series') }}
    where asset_class = 'crypto'
),

bars as (
    from {{ ref('crypto_bars') }}
),

-- Where a series has changed since the last build: from the day (of daily bars the week) before that on.
news as (
    select
        source, symbol, interval,
        case when is_within_day(interval) then interval_start_of('1d', min(ts)) - interval 1 day
             else interval_start_of('1w', min(ts)) - interval 7 day end as first_ts
    from bars
    {% if is_incremental() -%}
    where fetched_at >= (select coalesce(max(fetched_at), '-infinity'::timestamptz) - interval 1 hour from {{ this }})
    {%- endif %}
    group by source, symbol, interval
),

finer as (
    select bars.*, null::timestamptz as split_adjusted_at
    from bars
    inner join news using (source, symbol, interval)
    where bars.ts >= news.first_ts
),

spans as (
    from spans_of_bars('finer')
),

coarser as (
    from coarser_bars('spans')
)

select
    series.series_id, source, symbol, series.asset_class, interval, coarser.ts, coarser.end_ts,
    (coarser.ts at time zone series.timezone)::date as session_date, coarser.open, coarser.high,
    coarser.low, coarser.close, coarser.adj_close, coarser.volume, coarser.trade_count,
    coarser.bar_vwap, 'bars' as origin, coarser.fetched_at, coarser.ingest_run_id
from coarser
inner join series using (source, symbol, interval)
