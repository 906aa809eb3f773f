-- One row per (series_id, ts): a final bar and what it earned since the bar before.
with

bars as (
    from {{ ref('bars') }}
),

series as (
    from {{ ref('series') }}
),

stepped as (
    select
        *,
        previous(adj_close, series_id, ts) as previous_adj_close,
        first_of(adj_close, series_id, ts) as first_adj_close,
        previous(session_date, series_id, ts) as previous_session_date,
        previous(ts, series_id, ts) as previous_ts
    from bars
),

earned as (
    select
        *,
        simple_return_of(adj_close, previous_adj_close) as simple_return,
        log_return_of(adj_close, previous_adj_close) as log_return,
        cumulative_return_of(adj_close, first_adj_close) as cumulative_return,
        session_date - previous_session_date as gap_days,
        elapsed_bars_of(interval, ts, previous_ts, end_ts) as elapsed_bars
    from stepped
)

select
    series_id,
    earned.source,
    earned.symbol,
    earned.asset_class,
    earned.interval,
    earned.ts,
    earned.end_ts,
    earned.session_date,
    earned.adj_close,
    series.periods_per_year,
    earned.simple_return,
    earned.log_return,
    excess_return_of(
        earned.simple_return, {{ var('risk_free_rate') }}, series.periods_per_year
    ) as excess_return,
    earned.cumulative_return,
    earned.gap_days,
    earned.elapsed_bars,
    earned.ingest_run_id
from earned
inner join series using (series_id)
