-- One row, if anything was traded in the last $span seconds: what the tape says of it. Of a recording that began later
-- it is a shorter while, `seconds`: nobody knows how fast the trades before it were. Our clock may be behind.
with trades as materialized (
    select source, symbol, trade_id, ts, price, size, is_buyer_maker
    from serving.recent_trades
    where symbol = $symbol and ts > now() - to_seconds($span)
),
measured as (
    select
        if(
            exists(from serving.recent_trades where symbol = $symbol and ts <= now() - to_seconds($span)),
            $span::double,
            greatest((select date_diff('millisecond', min(ts), now()) / 1000 from trades), 1)
        ) as seconds
)
select
    source, symbol, ts, trade_count, trades_per_minute, volume, notional, vwap, taker_imbalance, low, high, seconds
from tape('trades', (select seconds from measured)), measured
