-- One row per bar with its overlays and the signals that it gave: the newest bars, or those from $since on.
with bars as materialized (
    select ts, as_of, open, high, low, close, volume, sma, bb_upper, bb_lower, is_final
    from serving.bars
    where symbol = $symbol and interval = $interval
),
signals as (
    select
        ts,
        arg_max(direction, rule) filter (is_of_price) as signal,
        string_agg(rule || ': ' || explanation, '; ' order by rule) as signal_text
    from serving.final_signals
    where symbol = $symbol and interval = $interval
    group by all
)
select *, ts = max(ts) over () as is_newest
from bars
left join signals using (ts)
where
    (ts >= $since::timestamptz or $since is null and ts > (select max(ts) from bars) - to_seconds($span))
    and (ts < $until::timestamptz or $until is null)
order by ts
