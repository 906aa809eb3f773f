-- One row per (portfolio, source, symbol, session_date): what a member weighs, and what it earned.
with

weights as (
    from {{ ref('weights') }}
)

select
    portfolio, source, symbol, session_date, target_weight, weight, simple_return, drifted_weight,
    is_rebalanced
from weights
