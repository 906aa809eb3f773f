-- Bars of any step from a relation of trades (source, symbol, ts, trade_id, price, size), and what is
-- computed from trades. freq: '1min', '5min', '1h', '1d', any interval. ts is the start of a bar, in UTC; a
-- step without a trade has no row. Open is the first trade by trade_id, which is the exchange's order; close
-- the last.

create or replace macro trade_steps(relation, freq) as table
    select
        source, symbol, freq as interval, time_bucket(freq::interval, ts) as ts,
        arg_min(price, trade_id)::double as open,
        max(price)::double as high,
        min(price)::double as low,
        arg_max(price, trade_id)::double as close,
        sum(size::double) as volume,
        sum(price::double * size::double) as quote_volume,
        count(*) as count_trades
    from query_table(relation)
    where price is not null
    group by source, symbol, time_bucket(freq::interval, ts);

-- Prices of a bar. Unit: price.
create or replace macro bar_open(trades, freq := '1min') as table
    select source, symbol, interval, ts, open as value from trade_steps(trades, freq);
create or replace macro bar_high(trades, freq := '1min') as table
    select source, symbol, interval, ts, high as value from trade_steps(trades, freq);
create or replace macro bar_low(trades, freq := '1min') as table
    select source, symbol, interval, ts, low as value from trade_steps(trades, freq);
create or replace macro bar_close(trades, freq := '1min') as table
    select source, symbol, interval, ts, close as value from trade_steps(trades, freq);

-- What was traded in a bar. Units: shares or coins; trades.
create or replace macro bar_volume(trades, freq := '1min') as table
    select source, symbol, interval, ts, volume as value from trade_steps(trades, freq);
create or replace macro bar_trades(trades, freq := '1min') as table
    select source, symbol, interval, ts, count_trades::double as value from trade_steps(trades, freq);

-- Volume-weighted average price of a bar. Unit: price. NULL without volume.
-- Source: Berkowitz, Logue and Noser (1988), J. Finance 43(1).
create or replace macro bar_vwap(trades, freq := '1min') as table
    select source, symbol, interval, ts, bar_vwap_of(quote_volume, volume) as value from trade_steps(trades, freq);

-- The same from the session's first trade to the end of each bar. The session of a market that never closes
-- is the UTC day. Unit: price. NULL until something traded. A typical price times a bar's volume may stand
-- for trades: see trades_of_bars.
create or replace macro running_vwap(quote_volume, volume, session, ts) as
    bar_vwap_of(running_sum(quote_volume, session, ts), running_sum(volume, session, ts));
create or replace macro vwap_session(trades, freq := '1min') as table
    select
        source, symbol, interval, ts,
        running_vwap(quote_volume, volume, (source, symbol, utc_day_of(ts)), ts) as value
    from trade_steps(trades, freq);

-- Bars as if each were one trade of all its volume at its typical price (high + low + close) / 3.
create or replace macro trades_of_bars(relation) as table
    select
        source, symbol, ts, row_index_of((source, symbol), ts) as trade_id,
        (high + low + close) / 3 as price, volume as size
    from query_table(relation);

-- Volatility of the closes of n bars within the day, annualised by `ppy` bars a year: sample standard
-- deviation of log returns, mean removed, of the bars that are there (no fill). Unit: 1. NULL until n returns
-- are there. Source: as realized_vol. What counts the time that absent bars took is roll_intraday_vol.
create or replace macro realized_vol_intraday(trades, freq := '1min', n := 30, ppy := 525600) as table
    with steps as (
        select *, log_return_of(close, previous(close, (source, symbol), ts)) as log_return
        from trade_steps(trades, freq)
    )
    select
        source, symbol, interval, ts,
        roll_realized_vol(log_return, n, ppy, (source, symbol), ts) as value
    from steps;

comment on macro table trade_steps is 'open, high, low, close, volume, count per step of a relation of trades';
comment on macro table bar_open is 'price of the first trade of each bar';
comment on macro table bar_high is 'highest price of each bar';
comment on macro table bar_low is 'lowest price of each bar';
comment on macro table bar_close is 'price of the last trade of each bar';
comment on macro table bar_volume is 'size of all trades of each bar';
comment on macro table bar_trades is 'number of trades in each bar';
comment on macro table bar_vwap is 'average price of each bar, weighted by size';
comment on macro running_vwap is 'average price since the session began, weighted by volume';
comment on macro table vwap_session is 'average price since the UTC day began, weighted by size';
comment on macro table trades_of_bars is 'bars as one trade each, at the typical price';
comment on macro table realized_vol_intraday is 'annualised standard deviation of the log returns of n bars within the day';
