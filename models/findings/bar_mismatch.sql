-- One row per final minute of the last week in which our bar and the exchange's kline differ.
with

minutes as (
    from {{ ref('whole_minutes') }}
),

klines as (
    from {{ ref('klines') }}
    where is_final
),

paired as (
    select
        source,
        symbol,
        ts,
        [ours.open, ours.high, ours.low, ours.close, ours.volume, ours.trade_count] as our_values,
        [
            theirs.open::double, theirs.high::double, theirs.low::double, theirs.close::double,
            theirs.volume::double, theirs.trade_count
        ] as their_values,
        ours.volume <> theirs.volume as has_other_volume
    from minutes as ours
    inner join klines as theirs using (source, symbol, interval, ts)
)

select
    'bar_mismatch' as finding,
    source,
    symbol,
    ts,
    format('open, high, low, close, volume, trades: ours {}, exchange {}', our_values, their_values) as detail
from paired
where our_values <> their_values or has_other_volume
