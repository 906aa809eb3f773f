-- One row per rule, series or asset class, interval and direction: what came after its events and any bar.
select
    rule, direction, asset_class, symbol, interval, count_events, hit_rate, mean_return, usual_return,
    standard_error, t_statistic, median_return
from serving.signal_outcomes
where bars_after = $bars_after and symbol is not distinct from $symbol
    and ($rule is null or rule = $rule) and ($interval is null or interval = $interval)
    and ($direction is null or direction = $direction)
order by count_events desc, rule, asset_class, interval, direction
limit $limit
