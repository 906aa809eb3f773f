-- One row per (portfolio, session_date) on which all its members have a bar: what it earned and became.
with

returns as (
    from {{ ref('portfolio_returns') }}
)

select
    portfolio,
    session_date,
    count_members,
    portfolio_return,
    wealth - 1 as cumulative_return,
    drawdown(wealth, portfolio, session_date) as drawdown,
    turnover
from returns
