-- One row per (portfolio, session_date): equal weights, rebalanced every day.
with

equal_weight as (
    from {{ ref('equal_weight') }}
)

select portfolio, session_date, count_members, portfolio_return, cumulative_return, drawdown
from equal_weight
