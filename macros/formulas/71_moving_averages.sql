-- Moving averages of the last n bars, and how far the price went in them.

-- Simple moving average. Unit: of x. NULL until n bars are known.
create or replace macro sma(x, n, series, ts) as roll_avg(x, n, series, ts);
create or replace macro sma(bars, n := 20) as table
    select source, symbol, interval, ts, sma(close, n, (source, symbol, interval), ts) as value
    from query_table(bars);

-- Linearly weighted mean (1 for the oldest, n for the newest), from mean and population covariance with the
-- place in the window: sum(i x) = n (covariance + (n + 1) / 2 mean). Unit: of x. `row_index` is the place
-- of the bar, a column.
create or replace macro wma_of(mean, covariance, n) as mean + 2 * covariance / (n + 1);
create or replace macro roll_wma(x, row_index, n, series, ts) as
    wma_of(roll_avg(x, n, series, ts), roll_covar_pop(x, row_index, n, series, ts), n);

-- Weighted moving average of closes: weight n for the newest, 1 for the oldest. Unit: price. NULL until n
-- bars are known.
create or replace macro wma(bars, n := 20) as table
    with numbered as (
        select source, symbol, interval, ts, close, row_index_of((source, symbol, interval), ts) as row_index
        from query_table(bars)
    )
    select
        source, symbol, interval, ts,
        roll_wma(close, row_index, n, (source, symbol, interval), ts) as value
    from numbered;

-- Hull moving average: the weighted average of sqrt(n) bars of 2 wma(n / 2) - wma(n). Unit: price. NULL
-- until n + sqrt(n) - 1 bars are known. Source: Hull (2005), alanhull.com/hull-moving-average.
create or replace macro hma_length(n) as greatest(floor(sqrt(n))::integer, 1);
create or replace macro hma_of(half_average, average) as 2 * half_average - average;
create or replace macro hma(bars, n := 20) as table
    with numbered as (
        select source, symbol, interval, ts, close, row_index_of((source, symbol, interval), ts) as row_index
        from query_table(bars)
    ),
    sharpened as (
        select
            source, symbol, interval, ts, row_index,
            hma_of(
                roll_wma(close, row_index, greatest(n // 2, 1), (source, symbol, interval), ts),
                roll_wma(close, row_index, n, (source, symbol, interval), ts)
            ) as sharpened
        from numbered
    )
    select
        source, symbol, interval, ts,
        roll_wma(sharpened, row_index, hma_length(n), (source, symbol, interval), ts) as value
    from sharpened;

-- Volume-weighted moving average of closes. Unit: price. NULL until n bars are known, and where none of
-- them traded.
create or replace macro roll_vwma(x, volume, n, series, ts) as
    ratio_of(roll_sum(x * volume, n, series, ts), roll_sum(volume, n, series, ts));
create or replace macro vwma(bars, n := 20) as table
    select source, symbol, interval, ts, roll_vwma(close, volume, n, (source, symbol, interval), ts) as value
    from query_table(bars);

-- Rate of change: the close against the one n bars before. Unit: per cent. NULL where that one is not known
-- or 0.
create or replace macro roc_of(x, x_before) as 100 * (ratio_of(x, x_before) - 1);
create or replace macro roc(bars, n := 10) as table
    select
        source, symbol, interval, ts,
        roc_of(close, value_before(close, n, (source, symbol, interval), ts)) as value
    from query_table(bars);

-- Momentum: the close less the one n bars before. Unit: price. NULL where that one is not known.
create or replace macro momentum(bars, n := 10) as table
    select
        source, symbol, interval, ts,
        close - value_before(close, n, (source, symbol, interval), ts) as value
    from query_table(bars);

comment on macro sma is 'mean of the last n bars';
comment on macro table sma is 'mean of the last n closes';
comment on macro wma_of is 'linearly weighted mean from mean and covariance with the place in the window';
comment on macro roll_wma is 'linearly weighted mean of the last n bars';
comment on macro table wma is 'mean of the last n closes, weighted 1 to n';
comment on macro hma_length is 'length of the last average of Hull''s: sqrt(n), rounded down';
comment on macro hma_of is 'twice the average of the newer half less the average of all';
comment on macro table hma is 'Hull moving average of closes';
comment on macro roll_vwma is 'mean of the last n bars weighted by volume; NULL if the volume is 0';
comment on macro table vwma is 'mean of the last n closes weighted by volume';
comment on macro roc_of is 'change in per cent of the value before';
comment on macro table roc is 'change of the close in n bars, in per cent';
comment on macro table momentum is 'change of the close in n bars';
