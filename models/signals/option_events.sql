-- One row per event of an option rule: what a chain showed, and the day's return of the underlying after
-- it. Judged whole from signals.option_chains in each build: a chain never changes, so neither do
-- its events.
{{ config(materialized='table', tags='per_symbol') }}
with

{{ sides_of_rules('option') }}

judged as (
    {{ judged_rules('option') }}
),

chains as (
    from {{ ref('option_bars') }}
),

days as (
    select distinct series_id as chain_id, series_id_of(source, symbol, '1d') as series_id from chains
),

returns as (
    select chain_id, ts as later_ts, end_ts as later_end_ts, simple_return as next_return
    from {{ ref('ordered_returns') }}
    inner join days using (series_id)
),

events as (
    select judged.*, source, symbol, chains.close, chains.end_ts, direction_of(side) as direction
    from judged
    inner join chains using (series_id, ts)
    where is_event
),

followed as (
    select events.*, later_end_ts, next_return
    from events
    asof left join returns on events.series_id = returns.chain_id and events.ts < returns.later_ts
)

-- Of the earlier events those whose outcome was known.
select
    signal_id_of(now.rule, now.source, now.symbol, null, now.ts) as signal_id, now.rule, now.source,
    now.symbol, now.ts, now.end_ts, now.direction, now.close, now.value, now.threshold,
    said_of(now.text, now.symbol, null, now.close, now.value, now.threshold) as explanation, now.next_return,
    count(past.next_return) as past_events, null::double as past_hit_rate, avg(past.next_return) as
    past_mean_return
from followed as now
left join followed as past
    on past.rule = now.rule and past.series_id = now.series_id and past.direction = now.direction
    and past.later_end_ts <= now.end_ts
group by all
