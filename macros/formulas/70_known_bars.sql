-- What an indicator needs of a bar is known or it is not. A recursion runs over the bars where it is,
-- numbered 0, 1, 2, ...; the others keep their row, without a value.

-- Typical price, the mean of high, low and close. Unit: price.
create or replace macro typical_price_of(high, low, close) as (high + low + close) / 3;

-- The greatest move of a bar since the close before it. Unit: price. NULL on the first bar.
-- Source: Wilder (1978), New Concepts in Technical Trading Systems, ch. 3.
create or replace macro true_range_of(high, low, previous_close) as
    case when previous_close is not null
         then greatest(high - low, abs(high - previous_close), abs(low - previous_close)) end;

-- Bars with a close.
create or replace macro known_closes(relation) as table
    select source, symbol, interval, ts, close, row_index_of((source, symbol, interval), ts) as row_index
    from query_table(relation)
    where close is not null;
create or replace macro unknown_closes(relation) as table
    select source, symbol, interval, ts, null::double as value
    from query_table(relation)
    where close is null;

-- Bars with high, low and close, and those of the bar before.
create or replace macro known_ranges(relation) as table
    select
        source, symbol, interval, ts, high, low, close,
        previous(high, (source, symbol, interval), ts) as previous_high,
        previous(low, (source, symbol, interval), ts) as previous_low,
        previous(close, (source, symbol, interval), ts) as previous_close,
        row_index_of((source, symbol, interval), ts) as row_index
    from query_table(relation)
    where high is not null and low is not null and close is not null;
create or replace macro unknown_ranges(relation) as table
    select source, symbol, interval, ts, null::double as value
    from query_table(relation)
    where high is null or low is null or close is null;

-- Bars with high, low, close and volume, and the close of the bar before.
create or replace macro known_volumes(relation) as table
    select
        source, symbol, interval, ts, high, low, close, volume,
        previous(close, (source, symbol, interval), ts) as previous_close
    from query_table(relation)
    where high is not null and low is not null and close is not null and volume is not null;
create or replace macro unknown_volumes(relation) as table
    select source, symbol, interval, ts, null::double as value
    from query_table(relation)
    where high is null or low is null or close is null or volume is null;

comment on macro typical_price_of is 'mean of high, low and close';
comment on macro true_range_of is 'greatest move of a bar since the close before it; NULL on the first bar';
comment on macro table known_closes is 'bars with a close, numbered from 0';
comment on macro table unknown_closes is 'a row without a value for each bar without a close';
comment on macro table known_ranges is 'bars with high, low and close, numbered from 0, and those before';
comment on macro table unknown_ranges is 'a row without a value for each bar without high, low or close';
comment on macro table known_volumes is 'bars with high, low, close and volume, with the close before';
comment on macro table unknown_volumes is 'a row without a value for each bar without prices or volume';
