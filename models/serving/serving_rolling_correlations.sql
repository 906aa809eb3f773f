-- One row per (source_a, a, source_b, b, session_date) of a pair, in both orders: how alike they moved lately.
with

rolling_correlations as (
    from {{ ref('rolling_correlations') }}
)

select source_a, a, source_b, b, session_date, rolling_correlation_pair
from rolling_correlations
union all
select source_b, b, source_a, a, session_date, rolling_correlation_pair
from rolling_correlations
