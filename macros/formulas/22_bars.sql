-- What can be said of one bar, and bars from trades.

-- Bars of one step ('second', 'minute', ...) from a relation of trades: first and last by trade id, which is the exchange's order.
-- One row per source, symbol and step with a trade. Prices and volume keep the trades' digits where they are decimals.
create or replace macro bars_of_trades(relation, step) as table
    select
        source,
        symbol,
        date,
        hour_start,
        date_trunc(step, ts) as ts,
        arg_min(price, trade_id) as open,
        max(price) as high,
        min(price) as low,
        arg_max(price, trade_id) as close,
        sum(size) as volume,
        sum(price::decimal(19, 8) * size) as quote_volume,
        coalesce(sum(size) filter (is_buyer_maker), 0) as sold_volume, -- by takers: the buyer had made the market
        count(*) as trade_count,
        min(trade_id) as first_trade_id,
        max(trade_id) as last_trade_id,
        max(fetched_at) as fetched_at,
        arg_max(ingest_run_id, trade_id) as ingest_run_id
    from query_table(relation)
    group by source, symbol, date, hour_start, date_trunc(step, ts);

-- Volume-weighted average price of a bar. Unit: price. NULL without volume.
create or replace macro bar_vwap_of(quote_volume, volume) as quote_volume / nullif(volume, 0);

-- Whether a close is a price at all.
create or replace macro is_price(x) as coalesce(isfinite(x) and x > 0, false);

-- Whether open and close lie between low and high, and all are prices. Range estimators need that.
create or replace macro is_possible_range(open, high, low, close) as
    is_price(open) and is_price(high) and is_price(low) and is_price(close)
    and high >= greatest(open, close) and low <= least(open, close);

comment on macro table bars_of_trades is 'open, high, low, close, volumes, count per step of a relation of trades';
comment on macro bar_vwap_of is 'quote volume / volume; NULL without volume';
comment on macro is_price is 'finite and positive; false for NULL';
comment on macro is_possible_range is 'low <= open, close <= high, all positive and finite';
