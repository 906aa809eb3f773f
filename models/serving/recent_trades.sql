-- One row per trade of today and yesterday (UTC). A live view: filter on symbol and ts.
with

trades as (
    from {{ ref('trades') }}
)

select source, symbol, trade_id, ts, price::double as price, size::double as size, is_buyer_maker,
fetched_at
from trades
where date >= (now() at time zone 'UTC')::date - 1
