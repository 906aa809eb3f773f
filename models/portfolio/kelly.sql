-- One row per (portfolio, source, symbol, fraction): Kelly's stake on the whole (symbol 'portfolio') or a member alone.
with

weights as (
    from {{ ref('weights') }}
),

-- Of the members the days that count for the portfolio, so that all are of one calendar.
bars as (
    select
        bars.source, bars.symbol, bars.portfolio as interval, bars.session_date as ts, bars.adj_close,
        bars.periods_per_year
    from {{ ref('member_bars') }} as bars
    semi join weights using (portfolio, source, symbol, session_date)
    union all
    select
        'portfolio' as source, 'portfolio' as symbol, portfolio as interval, session_date as ts,
        wealth as adj_close, periods_per_year
    from {{ ref('portfolio_returns') }}
),

stakes as (
    from kelly_stake_table('bars', {{ var('risk_free_rate') }})
)

select
    interval as portfolio, source, symbol, fraction, kelly_discrete, kelly_continuous, kelly_exact_log,
    kelly_growth, kelly_vol
from stakes
