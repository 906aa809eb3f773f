-- One row per (series_id, ts): the newest bars of each series, as far back as a trailing window reaches, with what
-- windows are made of. New bars are added; older ones go when they are the greater part.
{{ config(materialized='incremental', incremental_strategy='append', pre_hook=[
    '{{ forget_changed() }}', '{{ forget_old() }}'
]) }}
with

changes as (
    from {{ ref('changes') }}
),

returns as (
    from {{ ref('ordered_returns') }}
    where {{ is_streamed() }}
    {% if has('grown') -%}
    union all
    select returns.*
    from {{ ref('ordered_returns') }} as returns
    inner join changes using (series_id)
    where changes.kind = 'grown' and returns.ts >= {{ known_until() }} and returns.ts >= changes.known_until
    order by series_id, row_index
    {%- endif %}
),

stepped as (
    select
        *,
        earlier_in_series(high, 1, row_index) as previous_high,
        earlier_in_series(low, 1, row_index) as previous_low,
        earlier_in_series(close, 1, row_index) as previous_close
    from returns
)

select
    series_id, ts, row_index, open, high, low, close, volume, previous_high, previous_low, previous_close,
    periods_per_year, simple_return, log_return, excess_return, elapsed_bars,
    parkinson_variance_of(high, low) as parkinson_variance,
    garman_klass_variance_of(open, high, low, close) as garman_klass_variance,
    rogers_satchell_variance_of(open, high, low, close) as rogers_satchell_variance,
    log_return_of(open, previous_close) as overnight_return,
    log_return_of(close, open) as daytime_return
from stepped
inner join changes using (series_id)
where row_index >= case when changes.kind = 'grown' then count_before else count_bars - {{ recent_length() }} end
