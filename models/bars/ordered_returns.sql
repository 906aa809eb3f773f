-- One row per (series_id, ts): bars.returns without the names of their series. Rows that a build computes together lie
-- in the order (series_id, ts), row_index counts them: the trailing metrics stream over them.
{{ config(materialized='incremental', incremental_strategy='append', pre_hook='{{ forget_changed() }}') }}
with

changes as (
    from {{ ref('changes') }}
),

series as (
    from {{ ref('series') }}
),

-- Of a series that only grew: its first bar, the newest one that was known, and the new ones.
bars as (
    select series_id, ts, end_ts, session_date, open, high, low, close, volume, adj_close,
        null::timestamptz as known_until, 0 as first_index
    from {{ ref('bars') }}
    where {{ is_changed() }}
    {% if has('grown') -%}
    union all
    select series_id, unnest(bars, max_depth := 2), known_until, count_before - least(count_before, 2) as first_index
    from changes
    where kind = 'grown'
    {%- endif %}
),

-- Sorted last but for what streams over it: a join afterwards might undo the order.
ordered as (
    select bars.*, series.interval, series.periods_per_year
    from bars
    inner join series using (series_id)
    order by known_until is not null, series_id, bars.ts
),

stepped as (
    select
        *,
        row_number() over () as place,
        earlier(series_id, 1) is not distinct from series_id as has_previous,
        earlier(adj_close, 1) as adj_close_before,
        earlier(session_date, 1) as session_date_before,
        earlier(ts, 1) as ts_before
    from ordered
),

numbered as (
    select
        *,
        place - newest_so_far(place, not has_previous, place) + first_index as row_index,
        newest_so_far(adj_close, not has_previous, place) as first_adj_close,
        case when has_previous then adj_close_before end as previous_adj_close,
        case when has_previous then session_date_before end as previous_session_date,
        case when has_previous then ts_before end as previous_ts
    from stepped
)

select
    series_id, ts, end_ts, session_date, row_index,
    open, high, low, close, volume, adj_close, periods_per_year,
    simple_return_of(adj_close, previous_adj_close) as simple_return,
    log_return_of(adj_close, previous_adj_close) as log_return,
    excess_return_of(
        simple_return_of(adj_close, previous_adj_close), {{ var('risk_free_rate') }}, periods_per_year
    ) as excess_return,
    cumulative_return_of(adj_close, first_adj_close) as cumulative_return,
    session_date - previous_session_date as gap_days,
    elapsed_bars_of(interval, ts, previous_ts, end_ts) as elapsed_bars
from numbered
where known_until is null or ts > known_until
