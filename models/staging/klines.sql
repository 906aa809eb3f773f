-- One row per (source, symbol, interval, ts): the exchange's own bar. A final row beats an open
-- one, then the newest.
with

received as (
    from {{ source('raw', 'klines') }}
)

select
    source,
    symbol,
    interval,
    ts,
    end_ts,
    open,
    high,
    low,
    close,
    volume,
    quote_volume,
    trade_count,
    taker_buy_volume,
    first_trade_id,
    last_trade_id,
    is_final,
    fetched_at,
    ingest_run_id
from received
qualify row_number() over (
    partition by source, symbol, interval, ts order by is_final desc, fetched_at desc,
    ingest_run_id desc
) = 1
