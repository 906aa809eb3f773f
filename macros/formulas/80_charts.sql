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

-- As few points as draw the same line: of each of so many stretches of time the first, the last, the lowest and the
-- highest (M4 of Jugel, Jerzak, Hackenbroich, Markl, VLDB 2014). `relation` names one with series (any type), ts and
-- value; NULL values are no points. At most 4 * stretches rows a series; a short one comes whole.
create or replace macro m4(relation, stretches) as table
    with points as (
        select
            *,
            (epoch_us(ts) - min(epoch_us(ts)) over whole) * stretches
                // (1 + max(epoch_us(ts)) over whole - min(epoch_us(ts)) over whole) as stretch
        from query_table(relation)
        where value is not null
        window whole as (partition by series)
    )
    select * exclude (stretch)
    from points
    window stretched as (partition by series, stretch)
    qualify ts in (
        min(ts) over stretched,
        max(ts) over stretched,
        arg_min(ts, value) over stretched,
        arg_max(ts, value) over stretched
    );

comment on macro table m4 is 'as few points as draw the same line: first, last, lowest and highest of each stretch';
