-- One row per candle with the signals of its stretch: the newest candles, or those of the bars from $since on.
-- A candle of several bars has their first open, last close, extremes and summed volume, of all of them: none is cut
-- where the stretch begins or ends. No overlays: a mean of 20 bars says nothing of 20 candles; bars.sql has them where
-- a candle is one bar.
with bars as materialized (
    select
        ts, time_bucket(to_seconds($step), ts) as candle, as_of, open, high, low, close, volume, is_final
    from serving.bars
    where symbol = $symbol and interval = $interval
),
candles as (
    select
        candle as ts,
        arg_min(open, ts) as open,
        max(high) as high,
        min(low) as low,
        arg_max(close, ts) as close,
        sum(volume) as volume,
        max(as_of) as as_of,
        bool_and(is_final) as is_final
    from bars
    where
        (
            candle >= time_bucket(to_seconds($step), $since::timestamptz)
            or $since is null and candle > (select max(ts) from bars) - to_seconds($span)
        )
        and (candle < $until::timestamptz or $until is null)
    group by candle
),
signals as (
    select
        time_bucket(to_seconds($step), ts) as ts,
        arg_max(direction, ts) filter (is_of_price) as signal,
        string_agg(rule || ': ' || explanation, '; ' order by ts) as signal_text
    from serving.final_signals
    where symbol = $symbol and interval = $interval
    group by all
)
select *, ts = max(ts) over () as is_newest
from candles
left join signals using (ts)
order by ts
