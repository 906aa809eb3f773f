-- One row per (series_id, ts): where the recursions of a series stand at its newest bar, and at each bar that it
-- got in this build. A column is a model's; of series that were computed whole each model brings its own
-- row (hook keep_states).
{{ config(materialized='incremental', incremental_strategy='append', pre_hook=[
    '{{ forget_changed() }}', '{{ forget_passed() }}'
]) }}
{% if execute and not is_incremental() %}
{{ no_states() }}
{% else %}
with recursive

known as (
    select series_id, any_value(columns(* exclude (series_id, ts, row_index))) from {{ this }} group by series_id
),

changes as (
    from {{ ref('changes') }}
    where kind = 'grown'
),

bars as materialized (
    select
        recent.*, row_index - 1 as place_before, true_range_of(high, low, previous_close) as true_range,
        plus_movement_of(high, low, previous_high, previous_low) as plus_movement,
        minus_movement_of(high, low, previous_high, previous_low) as minus_movement
    from {{ ref('recent_bars') }} as recent
    inner join changes using (series_id)
    where row_index >= count_before
),

walked as (
    select series_id, count_before - 1 as row_index, averages_state, macd_state, momentum_state, ranges_state,
        directional_state, volatility_state, volume_state
    from known
    inner join changes using (series_id)
    union all
    (
        {{ next_states('walked', 'bars') }}
    )
)

select bars.series_id, ts, walked.row_index, walked.* exclude (series_id, row_index)
from walked
inner join bars using (series_id, row_index)
{% endif %}
