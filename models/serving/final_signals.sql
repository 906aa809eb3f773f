-- One row per event of a rule of final bars or chains. As of the build.
with

events as (
    from {{ ref('events') }}
),

series as (
    from {{ ref('series') }}
),

option_events as (
    from {{ ref('option_events') }}
)

select
    signal_id, rule, 'market' as kind, source, symbol, asset_class, interval, ts, end_ts, direction, close,
    value,
    threshold, explanation, is_of_price, next_return, past_events, past_hit_rate, past_mean_return
from events
inner join series using (series_id)
union all
select
    signal_id, rule, 'option', source, symbol, 'equity', null, ts, end_ts, direction, close, value, threshold,
    explanation, false, next_return, past_events, past_hit_rate, past_mean_return
from option_events
