-- Bars with the indicators that a chart shows beside them.

-- `relation` names one with one series per symbol: it is partitioned by symbol alone, a plain
-- column, because only
-- then does a filter on symbol pass the windows and reach the files. Values: see the macros it
-- calls.
create or replace macro charted_bars(relation, short_window, band_width, volatility_window) as table
    with stepped as (
        select
            *,
            simple_return_of(adj_close, previous(adj_close, symbol, ts)) as simple_return,
            log_return_of(adj_close, previous(adj_close, symbol, ts)) as log_return,
            elapsed_bars_of(interval, ts, previous(ts, symbol, ts), end_ts) as elapsed_bars
        from query_table(relation)
    )
    select
        * exclude (elapsed_bars),
        sma(close, short_window, symbol, ts) as sma,
        bb_upper(close, short_window, band_width, symbol, ts) as bb_upper,
        bb_middle(close, short_window, symbol, ts) as bb_middle,
        bb_lower(close, short_window, band_width, symbol, ts) as bb_lower,
        roll_interval_vol(log_return, elapsed_bars, interval, volatility_window, periods_per_year, symbol, ts)
            as realized_vol
    from stepped;

comment on macro table charted_bars is 'bars with returns, moving average, Bollinger bands and realised volatility';
