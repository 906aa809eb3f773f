-- Floor traders' pivots: levels for a bar from high, low and close of the bar before (for the day from weekly bars, say,
-- ask them of those). Unit: price. NULL where the bar before is not known.
-- Source: Person (2004), A Complete Guide to Technical Trading Tactics, ch. 6; the classic formulas.

create or replace macro pivot_r1_of(high, low, close) as 2 * typical_price_of(high, low, close) - low;
create or replace macro pivot_s1_of(high, low, close) as 2 * typical_price_of(high, low, close) - high;
create or replace macro pivot_r2_of(high, low, close) as typical_price_of(high, low, close) + (high - low);
create or replace macro pivot_s2_of(high, low, close) as typical_price_of(high, low, close) - (high - low);
create or replace macro pivot_r3_of(high, low, close) as high + 2 * (typical_price_of(high, low, close) - low);
create or replace macro pivot_s3_of(high, low, close) as low - 2 * (high - typical_price_of(high, low, close));

-- Each bar with high, low and close of the bar before.
create or replace macro bars_before(relation) as table
    select
        source, symbol, interval, ts,
        previous(high, (source, symbol, interval), ts) as high,
        previous(low, (source, symbol, interval), ts) as low,
        previous(close, (source, symbol, interval), ts) as close
    from query_table(relation);

-- Pivot: mean of high, low and close of the bar before. Unit: price. NULL where that is not known.
-- Source: Person (2004), A Complete Guide to Technical Trading Tactics, ch. 6.
create or replace macro pivot_p(bars) as table
    select source, symbol, interval, ts, typical_price_of(high, low, close) as value from bars_before(bars);

-- First resistance: twice the pivot less the low before. Unit, NULL and source: as pivot_p.
create or replace macro pivot_r1(bars) as table
    select source, symbol, interval, ts, pivot_r1_of(high, low, close) as value from bars_before(bars);

-- Second resistance: the pivot plus the range before. Unit, NULL and source: as pivot_p.
create or replace macro pivot_r2(bars) as table
    select source, symbol, interval, ts, pivot_r2_of(high, low, close) as value from bars_before(bars);

-- Third resistance: the high before plus twice the pivot above the low. Unit, NULL and source: as pivot_p.
create or replace macro pivot_r3(bars) as table
    select source, symbol, interval, ts, pivot_r3_of(high, low, close) as value from bars_before(bars);

-- First support: twice the pivot less the high before. Unit, NULL and source: as pivot_p.
create or replace macro pivot_s1(bars) as table
    select source, symbol, interval, ts, pivot_s1_of(high, low, close) as value from bars_before(bars);

-- Second support: the pivot less the range before. Unit, NULL and source: as pivot_p.
create or replace macro pivot_s2(bars) as table
    select source, symbol, interval, ts, pivot_s2_of(high, low, close) as value from bars_before(bars);

-- Third support: the low before less twice the high above the pivot. Unit, NULL and source: as pivot_p.
create or replace macro pivot_s3(bars) as table
    select source, symbol, interval, ts, pivot_s3_of(high, low, close) as value from bars_before(bars);

comment on macro pivot_r1_of is 'twice the pivot less the low';
comment on macro pivot_s1_of is 'twice the pivot less the high';
comment on macro pivot_r2_of is 'pivot plus range';
comment on macro pivot_s2_of is 'pivot less range';
comment on macro pivot_r3_of is 'high plus twice the pivot above the low';
comment on macro pivot_s3_of is 'low less twice the high above the pivot';
comment on macro table bars_before is 'each bar with high, low and close of the bar before';
comment on macro table pivot_p is 'mean of high, low and close of the bar before';
comment on macro table pivot_r1 is 'first resistance from the bar before';
comment on macro table pivot_r2 is 'second resistance from the bar before';
comment on macro table pivot_r3 is 'third resistance from the bar before';
comment on macro table pivot_s1 is 'first support from the bar before';
comment on macro table pivot_s2 is 'second support from the bar before';
comment on macro table pivot_s3 is 'third support from the bar before';
