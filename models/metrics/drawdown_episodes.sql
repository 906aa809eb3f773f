-- One row per (series_id, peak): a fall from a peak to a trough and back to the height of the peak.
{{ config(materialized='incremental', incremental_strategy='append', pre_hook='{{ forget_stale() }}') }}
with

histories as (
    from {{ ref('histories') }}
),

bars as (
    from {{ ref('final_bars') }}
    where {{ is_lacking() }}
),

episodes as (
    from drawdown_episodes('bars')
)

select
    histories.series_id, episodes.rank, episodes.peak,
    episodes.trough, episodes.recovery, episodes.depth, episodes.bars_to_trough,
    episodes.bars_to_recover, episodes.bars_underwater,
    episodes.calendar_days, episodes.recovery is not null as is_recovered,
    histories.history
from episodes
inner join histories using (source, symbol, interval)
