-- One row per event: what a rule found on a final bar, in words, what came after it, and what had come
-- after the earlier events of the same rule, series and direction by then.
{{ config(
    materialized='incremental', incremental_strategy='append', tags='per_symbol',
    pre_hook=['{{ forget_changed() }}', '{{ forget_pending() }}']
) }}
{% if not has_news() -%}
select * from {{ this }} limit 0
{%- else -%}
with

changes as (
    from {{ ref('changes') }}
),

series as (
    from {{ ref('series') }}
),

returns as (
    select series_id, row_index, end_ts, close, adj_close, simple_return
    from {{ judged_rows('ordered_returns', 'row_index >= count_before - 5') }}
),

-- New ones, and those whose five bars had not all come when the build before looked.
fresh as (
    select judgements.*, direction_of(side) as direction
    from {{ ref('judgements') }} as judgements
    inner join changes using (series_id)
    where is_event and (kind = 'changed' or (kind = 'grown' and row_index >= count_before - 5))
),

outcomes as (
    select
        fresh.*, own.end_ts, own.close, after_one.simple_return as next_return,
        simple_return_of(after_five.adj_close, own.adj_close) as return_after_5,
        hit_of(direction, after_one.simple_return, is_of_price) as is_hit, true as is_fresh
    from fresh
    inner join returns as own using (series_id, row_index)
    left join returns as after_one
        on after_one.series_id = fresh.series_id and after_one.row_index = fresh.row_index + 1
    left join returns as after_five
        on after_five.series_id = fresh.series_id and after_five.row_index = fresh.row_index + 5
    {% if is_incremental() -%}
    union all by name
    select rule, series_id, direction, ts, next_return, is_hit, false as is_fresh
    from {{ this }}
    semi join fresh using (rule, series_id, direction)
    {%- endif %}
),

-- The bar after an event ends no later than the next event: all that is counted here was known by then.
recorded as (
    select
        *,
        count_before(next_return, (rule, series_id, direction), ts) as past_events,
        mean_before(is_hit, (rule, series_id, direction), ts) as past_hit_rate,
        mean_before(next_return, (rule, series_id, direction), ts) as past_mean_return
    from outcomes
)

select
    signal_id_of(rule, source, symbol, interval, ts) as signal_id, rule, series_id, line, ts, end_ts,
    row_index,
    direction, close, value, threshold,
    said_of(text, symbol, interval, close, value, threshold) as explanation,
    is_of_price, next_return, return_after_5, is_hit, past_events, past_hit_rate, past_mean_return
from recorded
inner join series using (series_id)
where is_fresh
{%- endif %}
