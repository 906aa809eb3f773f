-- One row per (source, symbol, interval, peak) of a symbol or a portfolio: a fall, and how long it took to come back.
with

series as (
    from {{ ref('series') }}
),

episodes as (
    from {{ ref('drawdown_episodes') }}
),

portfolio_episodes as (
    from {{ ref('portfolio_drawdown_episodes') }}
)

select
    source, symbol, interval, rank, peak, trough, recovery, depth, bars_to_trough, bars_to_recover,
    bars_underwater, calendar_days, is_recovered
from episodes
inner join series using (series_id)
union all
select
    'portfolio', portfolio, '1d', rank, peak::timestamp at time zone 'UTC', trough::timestamp at time zone 'UTC',
    recovery::timestamp at time zone 'UTC', depth, bars_to_trough, bars_to_recover, bars_underwater, calendar_days,
    is_recovered
from portfolio_episodes
