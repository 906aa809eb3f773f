-- One row per (portfolio, peak): a fall from a peak to a trough and back to the height of the peak.
with

bars as (
    from {{ ref('portfolio_bars') }}
)

select
    symbol as portfolio, rank, utc_day_of(peak) as peak, utc_day_of(trough) as trough,
    utc_day_of(recovery) as recovery, depth, bars_to_trough, bars_to_recover, bars_underwater,
    calendar_days, recovery is not null as is_recovered
from drawdown_episodes('bars')
