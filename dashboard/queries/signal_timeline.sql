-- One row per rule, direction and stretch of time that has events: how many, and what the newest was.
with events as (
    select rule, direction, end_ts, symbol, interval, explanation
    from serving.final_signals
    where ($rule is null or rule = $rule)
        and ($symbol is null or symbol = $symbol)
        and ($interval is null or interval = $interval)
        and ($direction is null or direction = $direction) and end_ts > $since::timestamptz
),
stretches as (
    select
        rule, direction, max(end_ts) as ts, count(*) as count_events,
        arg_max({'newest': concat_ws(' ', symbol, interval), 'explanation': explanation}, end_ts) as event
    from events
    group by
        rule, direction,
        (epoch_us(end_ts) - epoch_us($since::timestamptz)) * $stretches
            // (1 + epoch_us((select max(end_ts) from events)) - epoch_us($since::timestamptz))
)
select rule, direction, ts, count_events, event.newest, event.explanation
from stretches
order by rule, direction, ts
