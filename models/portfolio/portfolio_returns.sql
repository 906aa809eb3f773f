-- One row per (portfolio, session_date) on which all its members have a bar: what it earned, turned over, became.
with

path as (
    select
        source, portfolio as interval, session_date::timestamp at time zone 'UTC' as ts, target_weight,
        drifted_weight, is_rebalanced, is_start, portfolio_return, count_members,
        periods_per_year as bars_per_year
    from {{ ref('weights') }}
),

days as (
    from portfolio_days('path')
)

select
    interval as portfolio,
    utc_day_of(ts) as session_date,
    portfolio_return,
    turnover,
    wealth,
    count_members,
    periods_per_year
from days
