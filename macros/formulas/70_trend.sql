-- Trend: moving averages, bands, and the crossings of two lines.

-- Simple moving average. Unit: of x. NULL until n bars are known.
create or replace macro sma(x, n, series, ts) as roll_avg(x, n, series, ts);

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
comment on macro bb_middle is 'mean of the last n bars';
comment on macro bb_upper is 'mean of the last n bars plus width population standard deviations';
comment on macro bb_lower is 'mean of the last n bars less width population standard deviations';
comment on macro bb_percent_b_of is 'place between lower (0) and upper band (1)';
comment on macro crossing_of is '+1 crosses up, -1 crosses down, 0 no crossing';
comment on macro crossing is '+1 where a difference turns positive, -1 where it turns negative, else 0';
