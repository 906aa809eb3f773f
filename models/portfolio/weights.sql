-- One row per (portfolio, source, symbol, session_date) on which all members have a bar: what each weighs.
with

bars as (
    from {{ ref('member_bars') }}
),

path as (
    from portfolio_path('bars')
)

select
    interval as portfolio,
    source,
    symbol,
    utc_day_of(ts) as session_date,
    target_weight,
    weight,
    simple_return,
    drifted_weight,
    is_rebalanced,
    portfolio_return,
    is_start,
    count_members,
    bars_per_year as periods_per_year
from path
