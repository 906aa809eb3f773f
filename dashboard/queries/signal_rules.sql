-- One row per rule, those that are off last: what it finds, on what, with which numbers, and how often.
with found as (
    select rule, count(*) as count_events, max(end_ts) as newest_at
    from serving.final_signals
    group by rule
)
select
    rules.rule, rules.is_on, rules.kind, rules.intervals, rules.thresholds, found.count_events,
    found.newest_at, rules.description
from serving.signal_rules as rules
left join found using (rule)
order by not rules.is_on, rules.kind, rules.rule
