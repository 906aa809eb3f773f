-- One row per (series_id, peak): a fall from a peak to a trough and back to the height of the peak.
with

bars as (
    from {{ ref('final_bars') }}
),

episodes as (
    from drawdown_episodes('bars')
)

select
    series_id_of(source, symbol, interval) as series_id, episodes.rank, episodes.peak,
    episodes.trough, episodes.recovery, episodes.depth, episodes.bars_to_trough,
    episodes.bars_to_recover, episodes.bars_underwater,
    episodes.calendar_days, episodes.recovery is not null as is_recovered
from episodes
