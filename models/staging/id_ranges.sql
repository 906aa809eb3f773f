-- One row per (source, symbol, hour) and unbroken range of its trade ids: hours that were over at the build.
{{ config(materialized='incremental', unique_key=['source', 'symbol', 'hour_start'],
    incremental_strategy='delete+insert') }}
with

trades as (
    from {{ ref('trades') }}
    where hour_start < counted_since() at time zone 'UTC'
),

-- Hours after the last one counted, and those that got trades since the last build and an hour
-- before it, because writers may lag behind their clock.
news as (
    select distinct source, symbol, date, hour_start
    from trades
    {% if is_incremental() -%}
    where
        fetched_at >= coalesce((select max(fetched_at) - interval 1 hour from {{ this }}), '-infinity')
        or hour_start > (select max(hour_start) from {{ this }})
    {%- endif %}
),

changed as (
    select *
    from trades
    {% if is_incremental() -%}
    semi join news using (source, symbol, hour_start)
    where date >= (select min(date) from news)
    {%- endif %}
)

select
    source, symbol, date, hour_start, first_trade_id, last_trade_id, row_count, begun_at, fetched_at
from id_ranges_of_trades('changed')
