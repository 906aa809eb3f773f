-- Volume: which way it went, and the average price that it paid. The sums start on the first bar (their
-- differences mean something, their level does not) and pass over bars whose price or volume is not known.

-- Volume with the sign of the price's change; the first bar, without one, counts in full. Unit: volume.
create or replace macro signed_volume_of(close, previous_close, volume) as
    case when previous_close is null then volume else sign(close - previous_close) * volume end;

-- On-balance volume: sum of the volume with the sign of the close's change, from the first volume on. Unit:
-- volume.
-- Source: Granville (1963), New Key to Stock Market Profits; the first bar as TA-Lib.
create or replace macro obv(bars) as table
    with given as (from query_table(bars)),
    flowed as (
        select source, symbol, interval, ts, signed_volume_of(close, previous_close, volume) as flow
        from known_volumes('given')
    )
    select source, symbol, interval, ts, running_sum(flow, (source, symbol, interval), ts) as value
    from flowed
    union all
    from unknown_volumes('given');

-- Where in its range a bar closes, -1 at the low to +1 at the high; 0 in a bar without a range. Unit: 1.
create or replace macro close_location_of(high, low, close) as
    case when high = low then 0.0::double else ((close - low) - (high - close)) / (high - low) end;

-- Accumulation/distribution line: sum of the volume times the place of the close in its bar. Unit: volume.
-- Source: Chaikin, as in Achelis (2001), Technical Analysis from A to Z.
create or replace macro ad_line(bars) as table
    with given as (from query_table(bars)),
    flowed as (
        select source, symbol, interval, ts, close_location_of(high, low, close) * volume as flow
        from known_volumes('given')
    )
    select source, symbol, interval, ts, running_sum(flow, (source, symbol, interval), ts) as value
    from flowed
    union all
    from unknown_volumes('given');

-- Chaikin money flow: the same over n bars, per volume. Unit: 1, -1 to 1. NULL until n bars are known, and
-- where none of them traded. Source: as ad_line.
create or replace macro cmf(bars, n := 20) as table
    with flowed as (
        select source, symbol, interval, ts, close_location_of(high, low, close) * volume as flow, volume
        from query_table(bars)
    )
    select
        source, symbol, interval, ts,
        ratio_of(
            roll_sum(flow, n, (source, symbol, interval), ts),
            roll_sum(volume, n, (source, symbol, interval), ts)
        ) as value
    from flowed;

-- Money that flowed in (or, prices exchanged, out): price times volume of a bar above the one before, else
-- 0; an unchanged price counts in neither. Unit: money. NULL on the first bar.
create or replace macro money_flow_of(price, previous_price, flow) as
    case when price > previous_price then flow when price <= previous_price then 0.0::double * flow end;

-- Money flow index: share of the inflow in the money that flowed in n bars. Unit: 0 to 100. NULL before bar
-- n (from 0), and where nothing flowed: no volume, or no change. Source: Quong and Soudack (1989), Stocks &
-- Commodities 7(3).
create or replace macro mfi_of(inflow, outflow) as 100 * ratio_of(inflow, inflow + outflow);
create or replace macro mfi(bars, n := 14) as table
    with priced as (
        select
            source, symbol, interval, ts, volume, typical_price_of(high, low, close) as price,
            previous(typical_price_of(high, low, close), (source, symbol, interval), ts) as previous_price
        from query_table(bars)
    ),
    flowed as (
        select
            source, symbol, interval, ts,
            money_flow_of(price, previous_price, price * volume) as inflow,
            money_flow_of(previous_price, price, price * volume) as outflow
        from priced
    )
    select
        source, symbol, interval, ts,
        mfi_of(
            roll_sum(inflow, n, (source, symbol, interval), ts),
            roll_sum(outflow, n, (source, symbol, interval), ts)
        ) as value
    from flowed;

-- Volume-weighted average of the typical price since the first bar. Unit: price. NULL until something
-- traded.
-- Source: Berkowitz, Logue and Noser (1988), J. Finance 43(1).
create or replace macro vwap_of(turnover, volume) as ratio_of(turnover, volume);
create or replace macro vwap_cumulative(bars) as table
    with given as (from query_table(bars))
    select
        source, symbol, interval, ts,
        vwap_of(
            running_sum(typical_price_of(high, low, close) * volume, (source, symbol, interval), ts),
            running_sum(volume, (source, symbol, interval), ts)
        ) as value
    from known_volumes('given')
    union all
    from unknown_volumes('given');

-- Volume-weighted average of the typical price since `anchor`, an instant; without one, since the first
-- bar. Unit: price. NULL before it, and until something traded. Source: Shannon (2008), Technical Analysis
-- Using Multiple Timeframes.
create or replace macro vwap_anchored(bars, anchor := null) as table
    with given as (from query_table(bars)),
    since as (from given where anchor is null or ts >= anchor::timestamptz)
    from vwap_cumulative('since')
    union all
    select source, symbol, interval, ts, null as value from given where ts < anchor::timestamptz;

comment on macro signed_volume_of is 'volume with the sign of the change; all of it on the first bar';
comment on macro table obv is 'sum of the volume with the sign of the close''s change';
comment on macro close_location_of is 'place of the close in its bar, -1 at the low, +1 at the high';
comment on macro table ad_line is 'sum of the volume times the place of the close in its bar';
comment on macro table cmf is 'volume times the place of the close in its bar, over n bars, per volume';
comment on macro money_flow_of is 'the flow of a bar whose price rose, else 0';
comment on macro mfi_of is 'share of the inflow, 0 to 100; NULL if nothing flowed';
comment on macro table mfi is 'share of the inflow in the money that flowed in n bars, 0 to 100';
comment on macro vwap_of is 'money per volume; NULL without volume';
comment on macro table vwap_cumulative is 'average price per volume since the first bar';
comment on macro table vwap_anchored is 'average price per volume since an instant';
