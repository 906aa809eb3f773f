-- One row per (source_a, a, source_b, b, session_date) of a pair, in both orders: how alike they moved lately.
with

pairs as (
    from {{ ref('rolling_correlations') }}
),

ordered as (
    select source_a, a, source_b, b, session_dates, correlations from pairs
    union all
    select source_b, b, source_a, a, session_dates, correlations from pairs
)

select
    source_a, a, source_b, b,
    unnest(session_dates) as session_date, unnest(correlations) as rolling_correlation_pair
from ordered
