-- One row per (rule, source, symbol, asset_class, interval, direction, bars_after): what came after a rule's events.
with

outcomes as (
    from {{ ref('outcomes') }}
)

select
    rule, source, symbol, asset_class, interval, direction, bars_after, count_events, hit_rate, mean_return,
    median_return, standard_error, usual_return, t_statistic
from outcomes
