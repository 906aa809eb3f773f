-- One row per (portfolio, session_date) on which all its members have a bar: what it earned and became.
with

returns as (
    from {{ ref('portfolio_returns') }}
),

performance as (
    from {{ ref('portfolio_performance') }}
)

select
    portfolio, session_date, count_members, portfolio_return, cumulative_return, drawdown, turnover,
    realized_vol, rolling_sharpe, rolling_beta
from returns
left join performance using (portfolio, session_date)
