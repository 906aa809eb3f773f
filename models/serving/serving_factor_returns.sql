-- One row per (factor_set, session_date, factor): what a factor returned.
with

factor_returns as (
    from {{ ref('factor_returns') }}
)

select factor_set, frequency, session_date, factor, value
from factor_returns
