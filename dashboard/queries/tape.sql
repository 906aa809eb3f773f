-- One row, if anything was traded in the last $span seconds: what the tape says of it. A recording that began later is
-- a shorter while, `seconds`: nobody knows how fast the trades before it were.
with heard as materialized (
    select source, symbol, trade_id, ts, price, size, is_buyer_maker
    from serving.recent_trades
    where symbol = $symbol and ts > now() - to_seconds(2 * $span)
),
trades as (
    from heard
    where ts > now() - to_seconds($span)
),
recorded as (
    select least($span, date_diff('millisecond', min(ts), now()) / 1000) as seconds from heard
)
select
    source, symbol, ts, trade_count, trades_per_minute, volume, notional, vwap, taker_imbalance, low, high, seconds
from tape('trades', (select seconds from recorded)), recorded
