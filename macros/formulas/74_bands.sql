-- Bands around the price: Bollinger's, by its deviation; Donchian's, by its extremes.

-- A band: its middle and `width` deviations (-width: below it).
create or replace macro band_of(middle_band, width, deviation) as middle_band + width * deviation;

-- Bollinger bands: moving average and `width` population standard deviations to either side. Unit: of x.
-- NULL until n bars are known. Source: Bollinger (2001), Bollinger on Bollinger Bands.
create or replace macro bb_middle(x, n, series, ts) as roll_avg(x, n, series, ts);
create or replace macro bb_upper(x, n, width, series, ts) as
    roll_avg(x, n, series, ts) + width * roll_std_pop(x, n, series, ts);
create or replace macro bb_lower(x, n, width, series, ts) as
    roll_avg(x, n, series, ts) - width * roll_std_pop(x, n, series, ts);

-- Where the price stands between the bands: 0 at the lower, 1 at the upper. Unit: 1. NULL when they
-- coincide.
create or replace macro bb_percent_b_of(x, upper_band, lower_band) as
    (x - lower_band) / nullif(upper_band - lower_band, 0);

-- Distance of the bands in units of their middle. Unit: 1.
create or replace macro bb_width_of(upper_band, middle_band, lower_band) as
    ratio_of(upper_band - lower_band, middle_band);

-- Bollinger's bands of closes, all three.
create or replace macro bollinger_bands(relation, n, k) as table
    select
        source, symbol, interval, ts, close,
        bb_upper(close, n, k, (source, symbol, interval), ts) as upper_band,
        bb_middle(close, n, (source, symbol, interval), ts) as middle_band,
        bb_lower(close, n, k, (source, symbol, interval), ts) as lower_band
    from query_table(relation);

-- Bollinger's upper band: mean of n closes plus k population standard deviations. Unit: price. NULL until n
-- closes are known. Source: Bollinger (2001), Bollinger on Bollinger Bands.
create or replace macro bb_upper(bars, n := 20, k := 2.0) as table
    select source, symbol, interval, ts, upper_band as value from bollinger_bands(bars, n, k);

-- Bollinger's middle band: mean of n closes (k is taken for company and changes nothing). Unit: price. NULL
-- until n closes are known. Source: as bb_upper.
create or replace macro bb_middle(bars, n := 20, k := 2.0) as table
    select source, symbol, interval, ts, middle_band as value from bollinger_bands(bars, n, k);

-- Bollinger's lower band: mean of n closes less k population standard deviations. Unit: price. NULL until n
-- closes are known. Source: as bb_upper.
create or replace macro bb_lower(bars, n := 20, k := 2.0) as table
    select source, symbol, interval, ts, lower_band as value from bollinger_bands(bars, n, k);

-- Place of the close between the bands, 0 at the lower and 1 at the upper. Unit: 1. NULL until n closes are
-- known, and when the last n are equal. Source: as bb_upper.
create or replace macro bb_percent_b(bars, n := 20, k := 2.0) as table
    select source, symbol, interval, ts, bb_percent_b_of(close, upper_band, lower_band) as value
    from bollinger_bands(bars, n, k);

-- Width of the bands in units of their middle. Unit: 1; 0 when the last n closes are equal. NULL until n
-- are known.
-- Source: as bb_upper.
create or replace macro bb_width(bars, n := 20, k := 2.0) as table
    select source, symbol, interval, ts, bb_width_of(upper_band, middle_band, lower_band) as value
    from bollinger_bands(bars, n, k);

-- Half way between the extremes.
create or replace macro middle_of(highest, lowest) as (highest + lowest) / 2;

-- Donchian channel, upper: the highest high of n bars, this one included (a breakout compares with the bar
-- before). Unit: price. NULL until n highs are known. Source: Donchian (1960), Commodity Year Book.
create or replace macro donchian_upper(bars, n := 20) as table
    select source, symbol, interval, ts, roll_max(high, n, (source, symbol, interval), ts) as value
    from query_table(bars);

-- Donchian channel, lower: the lowest low of n bars, this one included. Unit: price. NULL until n lows are
-- known.
-- Source: as donchian_upper.
create or replace macro donchian_lower(bars, n := 20) as table
    select source, symbol, interval, ts, roll_min(low, n, (source, symbol, interval), ts) as value
    from query_table(bars);

-- Donchian channel, middle: half way between the highest high and the lowest low of n bars. Unit: price.
-- NULL until n of both are known. Source: as donchian_upper.
create or replace macro roll_middle(high, low, n, series, ts) as
    middle_of(roll_max(high, n, series, ts), roll_min(low, n, series, ts));
create or replace macro donchian_middle(bars, n := 20) as table
    select source, symbol, interval, ts, roll_middle(high, low, n, (source, symbol, interval), ts) as value
    from query_table(bars);

comment on macro band_of is 'middle plus width deviations';
comment on macro bb_middle is 'mean of the last n bars';
comment on macro bb_upper is 'mean of the last n bars plus width population standard deviations';
comment on macro bb_lower is 'mean of the last n bars less width population standard deviations';
comment on macro bb_percent_b_of is 'place between lower (0) and upper band (1)';
comment on macro bb_width_of is 'distance of the bands in units of their middle';
comment on macro table bollinger_bands is 'Bollinger''s bands of closes, all three';
comment on macro table bb_upper is 'mean of n closes plus k population standard deviations';
comment on macro table bb_middle is 'mean of n closes';
comment on macro table bb_lower is 'mean of n closes less k population standard deviations';
comment on macro table bb_percent_b is 'place of the close between the lower (0) and the upper band (1)';
comment on macro table bb_width is 'distance of the Bollinger bands in units of their middle';
comment on macro middle_of is 'half way between the extremes';
comment on macro roll_middle is 'half way between the highest high and the lowest low of the last n bars';
comment on macro table donchian_upper is 'highest high of n bars, this one included';
comment on macro table donchian_lower is 'lowest low of n bars, this one included';
comment on macro table donchian_middle is 'half way between highest high and lowest low of n bars';
