-- Ichimoku Kinko Hyo: middles of ranges, the cloud between two of them drawn ahead, and the close drawn
-- back.
-- Source: Hosoda (1969), Ichimoku Kinko Hyo. `shift` counts the bars that a line is drawn ahead or back. It
-- is 25 by default: the original draws 26 ahead, today's bar counted; a few programs shift by 26.

-- Conversion line: half way between highest high and lowest low of n bars. Unit: price. NULL until n bars
-- are known.
-- Source: Hosoda (1969), Ichimoku Kinko Hyo.
create or replace macro ichimoku_tenkan(bars, n := 9) as table from donchian_middle(bars, n);

-- Base line: half way between highest high and lowest low of n bars. Unit: price. NULL until n bars are
-- known.
-- Source: as ichimoku_tenkan.
create or replace macro ichimoku_kijun(bars, n := 26) as table from donchian_middle(bars, n);

-- Leading span A: half way between conversion and base line, drawn `shift` bars ahead: its value on a bar
-- is what was known `shift` bars before. Unit: price. NULL until it reaches the bar. Source: as
-- ichimoku_tenkan.
create or replace macro ichimoku_span_a(bars, shift := 25, tenkan := 9, kijun := 26) as table
    with drawn as (
        select
            source, symbol, interval, ts,
            middle_of(
                roll_middle(high, low, tenkan, (source, symbol, interval), ts),
                roll_middle(high, low, kijun, (source, symbol, interval), ts)
            ) as span
        from query_table(bars)
    )
    select source, symbol, interval, ts, value_before(span, shift, (source, symbol, interval), ts) as value
    from drawn;

-- Leading span B: half way between highest high and lowest low of n bars, drawn `shift` bars ahead. Unit:
-- price. NULL until it reaches the bar. Source: as ichimoku_tenkan.
create or replace macro ichimoku_span_b(bars, n := 52, shift := 25) as table
    with drawn as (from donchian_middle(bars, n))
    select source, symbol, interval, ts, value_before(value, shift, (source, symbol, interval), ts) as value
    from drawn;

-- Lagging span: the close, drawn `shift` bars back. Here it stands on the bar where it is known, not where
-- it is drawn, for there it would tell the future. Unit: price. NULL while there is no bar `shift` before
-- to draw it on.
-- Source: as ichimoku_tenkan.
create or replace macro ichimoku_chikou(bars, shift := 25) as table
    select
        source, symbol, interval, ts,
        case when value_before(ts, shift, (source, symbol, interval), ts) is not null then close end as value
    from query_table(bars);

comment on macro table ichimoku_tenkan is 'conversion line: half way between the extremes of n bars';
comment on macro table ichimoku_kijun is 'base line: half way between the extremes of n bars';
comment on macro table ichimoku_span_a is 'half way between conversion and base line, `shift` bars ahead';
comment on macro table ichimoku_span_b is 'half way between the extremes of n bars, `shift` bars ahead';
comment on macro table ichimoku_chikou is 'close to be drawn `shift` bars back, on the bar where it is known';
