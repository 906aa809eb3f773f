-- One row per (source, underlying): its newest chain as a whole, and in words why it has no surface where it has none.
-- A live view: what the vendor answered with no contract stands in the ledger.
with

snapshots as (
    from {{ ref('serving_option_snapshots') }}
),

empty_chains as (
    select
        source, underlying, ingest_run_id, count_expiries, count_quotes, count_two_sided, count_priced, reason,
        fetched_at
    from {{ ref('chains') }}
    where is_newest and count_quotes = 0
)

select * exclude (is_newest)
from snapshots
where is_newest
union all by name
from empty_chains
