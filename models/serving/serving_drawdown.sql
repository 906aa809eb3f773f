-- One row per (source, symbol, ts), daily: growth since the first bar and distance from the peak.
with

drawdowns as (
    from {{ ref('drawdown') }}
),

returns as (
    from {{ ref('returns') }}
    where interval = '1d'
)

select
    returns.source,
    returns.symbol,
    returns.interval,
    ts,
    returns.session_date,
    drawdowns.cumulative_return,
    drawdowns.drawdown
from drawdowns
inner join returns using (series_id, ts)
