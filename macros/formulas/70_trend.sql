-- Trend: moving averages, bands, and the crossings of two lines.

-- Simple moving average. Unit: of x. NULL until n bars are known.
create or replace macro sma(x, n, series, ts) as roll_avg(x, n, series, ts);

create or replace macro sma(bars, n := 20) as table
    select source, symbol, interval, ts, sma(close, n, (source, symbol, interval), ts) as value
    from query_table(bars);

-- Exponential moving average, seeded with the mean of the first n closes; NULL before. Unit: price.
-- Source: the seed is TA-Lib's; Appel (2005), Technical Analysis, ch. 1, for the weight.
create or replace macro ema(bars, n := 20) as table
    with known as (
        select *, row_index_of((source, symbol, interval), ts) as row_index
        from query_table(bars)
        where close is not null
    ),
    inputs as (
        select
            source, symbol, interval, 'close' as line, ts, row_index,
            1 - ema_weight(n) as decay,
            average_input(close, sma(close, n, (source, symbol, interval), ts), ema_weight(n), n - 1, row_index) as input
        from known
    )
    select source, symbol, interval, ts, case when row_index >= n - 1 then state end as value
    from decayed('inputs');

-- Bollinger bands: moving average and `width` population standard deviations to either side. Unit:
-- of x.
-- Source: Bollinger (2001), Bollinger on Bollinger Bands.
create or replace macro bb_middle(x, n, series, ts) as roll_avg(x, n, series, ts);
create or replace macro bb_upper(x, n, width, series, ts) as
    roll_avg(x, n, series, ts) + width * roll_std_pop(x, n, series, ts);
create or replace macro bb_lower(x, n, width, series, ts) as
    roll_avg(x, n, series, ts) - width * roll_std_pop(x, n, series, ts);

-- Where the price stands between the bands: 0 at the lower, 1 at the upper. Unit: 1. NULL when they
-- coincide.
create or replace macro bb_percent_b_of(x, upper_band, lower_band) as
    (x - lower_band) / nullif(upper_band - lower_band, 0);

-- Crossing of two lines, from their difference: +1 upwards, -1 downwards, 0 none, NULL where the
-- lines do not exist.
-- The sign is compared with the last one that was not 0, so that a touch is no cross; after a gap
-- (a bar without
-- lines) nobody knows when they crossed, so that is none either.
create or replace macro crossing_of(difference, previous_difference, last_sign) as
    case when difference is null then null
         when previous_difference is null or last_sign is null or sign(difference) = 0 then 0
         when sign(difference) <> last_sign then sign(difference)::integer
         else 0 end;
create or replace macro crossing(difference, series, ts) as
    crossing_of(difference, previous(difference, series, ts), last_nonzero_sign(difference, series, ts));

comment on macro sma is 'mean of the last n bars';
comment on macro table sma is 'mean of the last n closes';
comment on macro table ema is 'exponential average of closes, weight 2 / (n + 1), seeded with the mean of the first n';
comment on macro bb_middle is 'mean of the last n bars';
comment on macro bb_upper is 'mean of the last n bars plus width population standard deviations';
comment on macro bb_lower is 'mean of the last n bars less width population standard deviations';
comment on macro bb_percent_b_of is 'place between lower (0) and upper band (1)';
comment on macro crossing_of is '+1 crosses up, -1 crosses down, 0 no crossing';
comment on macro crossing is '+1 where a difference turns positive, -1 where it turns negative, else 0';
