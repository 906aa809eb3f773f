-- One row, if anything was traded in the last $span seconds: what the tape says of it.
with trades as (
    select source, symbol, trade_id, ts, price, size, is_buyer_maker
    from serving.recent_trades
    where symbol = $symbol and ts > now() - to_seconds($span)
)
select source, symbol, ts, trade_count, trades_per_minute, volume, notional, vwap, taker_imbalance, low, high
from tape('trades', $span)
