-- One row per fall from a peak, the deepest first.
select
    rank, depth, peak::date as peak_on, trough::date as trough_on, recovery::date as recovery_on,
    bars_to_trough, bars_to_recover, bars_underwater, calendar_days
from serving.drawdown_episodes
where source = 'portfolio' and symbol = $portfolio
order by rank
limit $limit
