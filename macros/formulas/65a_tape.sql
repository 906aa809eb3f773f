-- What the tape of a while says: trades as they come, with who took the price.

-- How far takers bought more than they sold, as a share of the volume: 1 all bought, -1 all sold. Unit: 1. NULL
-- without volume. Source: Chordia, Roll and Subrahmanyam (2002), J. Financial Economics 65(1).
create or replace macro taker_imbalance_of(bought, sold) as (bought - sold) / nullif(bought + sold, 0);

-- One row per series of a relation of trades (source, symbol, trade_id, ts, price, size, is_buyer_maker), which are all
-- those of the last `span` seconds: how many, how fast, how much in coins and in money (notional), the average price by
-- size (vwap), who took (taker_imbalance), the extremes. Where the buyer made the market, a seller took it.
create or replace macro tape(relation, span) as table
    select
        source,
        symbol,
        max(ts) as ts,
        count(*) as trade_count,
        count(*) * 60 / nullif(span::double, 0) as trades_per_minute,
        sum(size::double) as volume,
        sum(price::double * size::double) as notional,
        bar_vwap_of(sum(price::double * size::double), sum(size::double)) as vwap,
        taker_imbalance_of(
            coalesce(sum(size::double) filter (not is_buyer_maker), 0),
            coalesce(sum(size::double) filter (is_buyer_maker), 0)
        ) as taker_imbalance,
        min(price)::double as low,
        max(price)::double as high
    from query_table(relation)
    group by source, symbol;

comment on macro taker_imbalance_of is 'takers'' bought less sold volume over all of it; NULL without volume';
comment on macro table tape is 'trades per minute, notional, average price and taker imbalance of the last while';
