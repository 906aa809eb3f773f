-- One row per (source, underlying): its newest chain as a whole, and in words why it has no surface where it has none.
with

snapshots as (
    from {{ ref('serving_option_snapshots') }}
)

select * exclude (is_newest)
from snapshots
where is_newest
