-- One row: how many events the filters let through.
select
    count(*) as count_events,
    count(*) filter (direction = 'up') as count_up,
    count(*) filter (direction = 'down') as count_down,
    count(distinct rule) as count_rules,
    count(distinct symbol) as count_symbols
from serving.final_signals
where ($rule is null or rule = $rule)
    and ($symbol is null or symbol = $symbol)
    and ($interval is null or interval = $interval)
    and ($direction is null or direction = $direction) and end_ts > $since::timestamptz
