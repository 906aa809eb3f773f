-- One row per (source, symbol, interval, kind, confirmed_at): a price at which swings turned.
with

series as (
    from {{ ref('series') }}
),

levels as (
    from {{ ref('levels') }}
)

select
    source, symbol, interval, kind, confirmed_at, level, touches, pivot_ts, pivot_price, first_pivot_ts, last_pivot_ts
from levels
inner join series using (series_id)
