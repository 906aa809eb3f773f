-- One row per event of any rule: those found on final bars and in chains, and what is wrong with the data
-- now.
with

final as (
    from {{ ref('final_signals') }}
),

data_alerts as (
    from {{ ref('data_alerts') }}
)

select
    signal_id, rule, kind, source, symbol, asset_class, interval, ts, end_ts, direction, close, value,
    threshold, explanation, is_of_price, next_return, past_events, past_hit_rate, past_mean_return
from final
union all
select
    signal_id, rule, 'data', source, symbol, asset_class, null, ts, ts, 'down', null, value, threshold,
    explanation, false, null, null, null, null
from data_alerts
