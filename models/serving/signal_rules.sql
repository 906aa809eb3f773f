-- One row per rule, on or off, whether or not it has ever fired.
with

rules as (
    from {{ ref('rules') }}
)

select rule, kind, description, intervals, thresholds, is_on
from rules
