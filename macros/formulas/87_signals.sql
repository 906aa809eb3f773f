-- Signals: what an event is called, what is said of it, and what became of earlier ones of its kind.

-- The same event has the same id in every build and on every machine. Without an interval that part is absent.
create or replace macro signal_id_of(rule, source, symbol, bar_interval, ts) as
    md5(concat_ws('|', rule, source, symbol, bar_interval, epoch_us(ts)));

create or replace macro direction_of(side) as case when side > 0 then 'up' when side < 0 then 'down' end;

-- A return in the direction of a signal: 1, else 0. NULL where the return is not known, or where the rule's
-- direction is not the price's.
create or replace macro hit_of(direction, later_return, is_of_price) as
    case when not is_of_price or later_return is null then null
         when direction = 'up' then (later_return > 0)::integer::double
         else (later_return < 0)::integer::double end;

-- How far the mean of n returns is from a given mean, in its standard errors. Unit: 1. NULL below two returns,
-- or where they do not move. The returns are taken as independent: overlapping ones are not.
create or replace macro mean_error_of(deviation, n) as deviation / nullif(sqrt(n), 0);
create or replace macro mean_t_of(mean, reference, deviation, n) as
    case when n > 1 and is_moving(deviation) then ratio_of(mean - reference, mean_error_of(deviation, n)) end;

-- Numbers as people read them: prices with two digits (below 1 four, below 0.01 up to eight), shares in per cent,
-- others with one digit.
create or replace macro price_text(price) as
    case when abs(price) >= 1 or price = 0 then format('{:,.2f}', price::double)
         when abs(price) >= 0.01 then format('{:.4f}', price::double)
         else rtrim(rtrim(format('{:.8f}', price::double), '0'), '.') end;
-- A price beside another one: with as many digits as make them differ, up to eight.
create or replace macro price_text_beside(price, other) as
    case when other is null or price = other or price_text(price) <> price_text(other) then price_text(price)
         when format('{:,.4f}', price::double) <> format('{:,.4f}', other::double)
         then format('{:,.4f}', price::double)
         else format('{:,.8f}', price::double) end;
create or replace macro percent_text(share) as format('{:.1f} %', 100 * share::double);
create or replace macro points_text(points) as format('{:.1f}', points::double);
create or replace macro bars_text(bar_interval) as
    case bar_interval when '1d' then 'days' when '1w' then 'weeks' when '1h' then 'hours' when '1m' then 'minutes'
                  else concat('bars of ', bar_interval) end;

-- A time as people say it: in its greatest unit that fits twice.
create or replace macro duration_text(seconds) as
    case when seconds >= 172800 then format('{} days', floor(seconds / 86400)::bigint)
         when seconds >= 7200 then format('{} hours', floor(seconds / 3600)::bigint)
         when seconds >= 120 then format('{} minutes', floor(seconds / 60)::bigint)
         else format('{} seconds', round(seconds)::bigint) end;

-- A rule's text with the event's own numbers in it. It names {symbol}, {bars} and {close}, and {value} and
-- {threshold} as prices, which differ where the numbers do, or as {value percent}, {value points} and so on.
create or replace macro said_of(words, symbol, bar_interval, close, value, threshold) as
    replace(replace(replace(replace(replace(replace(replace(replace(replace(
        words, '{symbol}', symbol), '{bars}', coalesce(bars_text(bar_interval), 'days')),
        '{close}',
        coalesce(case when close = value then price_text_beside(close, threshold) else price_text(close) end, '?')),
        '{value}', coalesce(price_text_beside(value, threshold), '?')),
        '{threshold}', coalesce(price_text_beside(threshold, value), '?')),
        '{value percent}', coalesce(percent_text(value), '?')),
        '{threshold percent}', coalesce(percent_text(threshold), '?')),
        '{value points}', coalesce(points_text(value), '?')),
        '{threshold points}', coalesce(points_text(threshold), '?'));

comment on macro signal_id_of is 'md5 of rule, source, symbol, interval and instant: the same in every build';
comment on macro direction_of is 'up for a side above, down for one below';
comment on macro hit_of is '1 if the return went in the direction of the signal, else 0';
comment on macro mean_error_of is 'standard error of a mean: deviation / sqrt(n)';
comment on macro mean_t_of is 'distance of a mean from a reference, in standard errors';
comment on macro price_text is 'a price as people read it';
comment on macro price_text_beside is 'a price with as many digits as make it differ from another';
comment on macro percent_text is 'a share in per cent, with one digit';
comment on macro points_text is 'a number with one digit';
comment on macro bars_text is 'what bars of an interval are called';
comment on macro duration_text is 'a time in days, hours, minutes or seconds';
comment on macro said_of is 'the text of a rule with the numbers of an event';
