-- What a series is, how often its bars come, and what it earned from bar to bar.

-- Integer key of a series: 63 bits of an md5, the same in every build and on every machine.
create or replace macro series_id_of(source, symbol, bar_interval) as
    (md5_number_lower(concat_ws('|', source, symbol, bar_interval)) >> 1)::bigint;

-- Bars per year. NULL for an interval that we do not know: never guessed from row counts.
create or replace macro periods_per_year(days_per_year, minutes_per_day, bar_interval) as
    case bar_interval when '1d' then days_per_year::double
                  when '1m' then days_per_year::double * minutes_per_day end;

-- Simple return. Unit: 1 (0.01 = 1 %). NULL without a positive previous price; below -100 % is a
-- data error: NULL.
create or replace macro simple_return_of(price, previous_price) as
    case when previous_price > 0 and price >= 0 then price / previous_price - 1 end;

-- Log return. Unit: 1. NULL unless both prices are positive.
create or replace macro log_return_of(price, previous_price) as
    case when previous_price > 0 and price > 0 then ln(price / previous_price) end;

-- Return since the first bar. Unit: 1; 0 on the first bar.
create or replace macro cumulative_return_of(price, first_price) as
    simple_return_of(price, first_price);

-- The rate per bar that compounds to `annual_rate` (effective) over a year. Unit: 1 per bar.
create or replace macro rate_per_period(annual_rate, ppy) as
    pow(1 + annual_rate, 1 / nullif(ppy, 0)) - 1;

-- A price as if it had been quoted after a split of `ratio` for one; NULL ratio: there was none.
-- Unit: price.
create or replace macro split_adjusted_of(price, ratio) as price / nullif(coalesce(ratio, 1), 0);

-- Share of a price that is left for holders after a dividend: what prices before the ex-date are
-- multiplied by.
-- 1 without dividend; NULL previous close counts as no dividend. Source: CRSP price adjustment;
-- also Yahoo's Adj Close.
create or replace macro dividend_factor_of(dividend, previous_close) as
    case when dividend > 0 and previous_close > dividend then 1 - dividend / previous_close else 1.0 end;

comment on macro series_id_of is 'stable 63-bit key of (source, symbol, interval)';
comment on macro periods_per_year is 'bars per year of an interval, from days per year and minutes per day';
comment on macro simple_return_of is 'price / previous price - 1; NULL without a positive previous price';
comment on macro log_return_of is 'ln(price / previous price); NULL unless both are positive';
comment on macro cumulative_return_of is 'price / first price - 1';
comment on macro rate_per_period is 'rate per bar that compounds to the annual effective rate';
comment on macro split_adjusted_of is 'price / split ratio; the price itself without a split';
comment on macro dividend_factor_of is '1 - dividend / previous close; 1 without dividend';
