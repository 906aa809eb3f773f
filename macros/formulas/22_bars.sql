-- What can be said of one bar.

-- Volume-weighted average price of a bar. Unit: price. NULL without volume.
create or replace macro bar_vwap_of(quote_volume, volume) as quote_volume / nullif(volume, 0);

-- Whether a close is a price at all.
create or replace macro is_price(x) as coalesce(isfinite(x) and x > 0, false);

-- Whether open and close lie between low and high, and all are prices. Range estimators need that.
create or replace macro is_possible_range(open, high, low, close) as
    is_price(open) and is_price(high) and is_price(low) and is_price(close)
    and high >= greatest(open, close) and low <= least(open, close);

comment on macro bar_vwap_of is 'quote volume / volume; NULL without volume';
comment on macro is_price is 'finite and positive; false for NULL';
comment on macro is_possible_range is 'low <= open, close <= high, all positive and finite';
