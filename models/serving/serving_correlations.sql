-- One row per (source_a, a, source_b, b) of two symbols, in both orders, and of each with itself: how their days move.
with

correlations as (
    from {{ ref('correlations') }}
)

select source_a, a, source_b, b, interval, correlation_pair, spearman_pair, count_common, first_on, last_on
from correlations
