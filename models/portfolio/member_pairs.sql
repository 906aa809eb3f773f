-- One row per (portfolio, a, b) of two members: how alike they move. Each pair stands in both orders.
with

bars as (
    from {{ ref('member_bars') }}
),

linear as (
    from correlation_pair('bars')
),

ranked as (
    from spearman_pair('bars')
)

select
    interval as portfolio,
    a,
    b,
    linear.value as correlation_pair,
    ranked.value as spearman_pair
from linear
inner join ranked using (interval, a, b)
