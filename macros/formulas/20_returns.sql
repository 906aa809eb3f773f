-- What a series is, how often its bars come, and what it earned from bar to bar.

-- Integer key of a series: 63 bits of an md5, the same in every build and on every machine.
create or replace macro series_id_of(source, symbol, bar_interval) as
    (md5_number_lower(concat_ws('|', source, symbol, bar_interval)) >> 1)::bigint;

-- Length of a bar. Unit: minutes. NULL for an interval that we do not know.
create or replace macro bar_minutes(bar_interval) as
    case bar_interval when '1m' then 1 when '5m' then 5 when '15m' then 15 when '30m' then 30
                  when '1h' then 60 when '4h' then 240 when '1d' then 1440 when '1w' then 10080 end;
create or replace macro is_within_day(bar_interval) as coalesce(bar_minutes(bar_interval) < 1440, false);

-- The day of an instant, by UTC: a plain cast to a date would follow the time zone of whoever asks.
create or replace macro utc_day_of(ts) as (ts at time zone 'UTC')::date;

-- Bars per year: days per year times the bars of a trading day, the last of which may be cut short; 52
-- weeks, of a market that never closes a seventh of its days. NULL for an interval that we do not know:
-- never guessed from row counts.
create or replace macro periods_per_year(days_per_year, minutes_per_day, bar_interval) as
    case when bar_interval = '1d' then days_per_year::double
         when bar_interval = '1w' then case when days_per_year >= 365 then days_per_year / 7.0::double else 52.0::double end
         else days_per_year::double * ceil(minutes_per_day / nullif(bar_minutes(bar_interval), 0)) end;

-- Simple return. Unit: 1 (0.01 = 1 %). NULL without a positive previous price; below -100 % is a
-- data error: NULL.
create or replace macro simple_return_of(price, previous_price) as
    case when previous_price > 0 and price >= 0 and isfinite(price / previous_price)
         then price / previous_price - 1 end;

-- Log return. Unit: 1. NULL unless both prices are positive.
create or replace macro log_return_of(price, previous_price) as
    case when previous_price > 0 and price / previous_price > 0 and isfinite(price / previous_price)
         then ln(price / previous_price) end;

-- Return since the first bar. Unit: 1; 0 on the first bar.
create or replace macro cumulative_return_of(price, first_price) as
    simple_return_of(price, first_price);

-- The rate per bar that compounds to `annual_rate` (effective) over a year. Unit: 1 per bar. NULL
-- below -100 %.
create or replace macro rate_per_period(annual_rate, ppy) as
    power_or_null(1 + annual_rate, 1 / nullif(ppy, 0)) - 1;

-- Return of a bar less what the risk-free rate (annual, effective) earned in it. Unit: 1.
-- Source: Sharpe (1994), J. Portfolio Management 21(1).
create or replace macro excess_return_of(r, annual_rate, ppy) as r - rate_per_period(annual_rate, ppy);

-- A price as if it had been quoted after a split of `ratio` for one; NULL ratio: there was none.
-- Unit: price.
create or replace macro split_adjusted_of(price, ratio) as price / nullif(coalesce(ratio, 1), 0);

-- Shares as if they had been counted after a split of `ratio` for one. Unit: shares.
create or replace macro split_adjusted_volume_of(volume, ratio) as volume * coalesce(ratio, 1);

-- The ratio of all splits, from a list of {split_at, known_at, ratio}, that a price of `ts`, adjusted by
-- what was known at `adjusted_at`, does not hold yet: splits after it, first named by a later pull. 1
-- without any.
create or replace macro missed_split_ratio(splits, ts, adjusted_at) as
    coalesce(list_product(list_transform(
        list_filter(coalesce(splits, []), lambda split: split.split_at > ts and split.known_at > adjusted_at),
        lambda split: split.ratio
    )), 1.0);
create or replace macro newest_split_known_at(splits) as
    list_max(list_transform(splits, lambda split: split.known_at));

-- Share of a price that is left for holders after a dividend: what prices before the ex-date are
-- multiplied by.
-- 1 without dividend; NULL previous close counts as no dividend. Source: CRSP price adjustment;
-- also Yahoo's Adj Close.
create or replace macro dividend_factor_of(dividend, previous_close) as
    case when dividend > 0 and previous_close > dividend then 1 - dividend / previous_close else 1.0 end;

-- Close with all later dividends reinvested: close times the dividend factors of the bars after it.
-- Unit: price; equal to close on the last bar. Source: CRSP price adjustment.
create or replace macro adjusted_close_of(close, dividend_factor, series, ts) as
    close * product_after(dividend_factor, series, ts);

-- A relation of bars (source, symbol, interval, ts, adj_close, ...) with what each earned since the newest
-- bar before it that has a price: adds simple_return and log_return. A bar without a price has neither.
create or replace macro with_returns(relation) as table
    select
        *,
        simple_return_of(adj_close, previous_known(adj_close, (source, symbol, interval), ts)) as simple_return,
        log_return_of(adj_close, previous_known(adj_close, (source, symbol, interval), ts)) as log_return
    from query_table(relation);

comment on macro table with_returns is 'bars with simple and log return since the bar before that has a price';
comment on macro series_id_of is 'stable 63-bit key of (source, symbol, interval)';
comment on macro bar_minutes is 'minutes of a bar; NULL for an unknown interval';
comment on macro is_within_day is 'whether bars of this interval are shorter than a day';
comment on macro utc_day_of is 'date of an instant, by UTC';
comment on macro periods_per_year is 'bars per year of an interval, from days per year and minutes per day';
comment on macro simple_return_of is 'price / previous price - 1; NULL without a positive previous price';
comment on macro log_return_of is 'ln(price / previous price); NULL unless both are positive';
comment on macro cumulative_return_of is 'price / first price - 1';
comment on macro rate_per_period is 'rate per bar that compounds to the annual effective rate';
comment on macro excess_return_of is 'simple return less the risk-free rate per bar';
comment on macro split_adjusted_of is 'price / split ratio; the price itself without a split';
comment on macro dividend_factor_of is '1 - dividend / previous close; 1 without dividend';
comment on macro split_adjusted_volume_of is 'volume * split ratio; the volume itself without a split';
comment on macro missed_split_ratio is 'product of the ratios of later splits that a pull did not know; 1 without any';
comment on macro newest_split_known_at is 'when the last split of a list was first named; NULL without any';
comment on macro adjusted_close_of is 'close times the dividend factors of all later bars';
