-- One row per (portfolio, source_a, a, source_b, b) of two members, in both orders, and of each with itself: how alike
-- they move on the days that all members share.
with

correlations as (
    from {{ ref('portfolio_correlations') }}
)

select
    portfolio, source_a, a, source_b, b, pearson as correlation_pair, spearman as spearman_pair, count_common,
    first_on, last_on
from correlations
