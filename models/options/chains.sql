-- One row per (source, underlying, ingest_run_id): a chain as one pull saw it, and why it has no surface, if so.
with

pulled as (
    select * exclude (smile, violations) from {{ ref('snapshots') }}
),

listless as (  -- a pull that was answered with no contract left no quotes, but a line in the ledger
    select source, symbol as underlying, ingest_run_id, coalesce(finished_at, updated_at) as fetched_at,
           0 as count_expiries, 0 as count_quotes, 0 as count_two_sided, 0 as count_priced
    from {{ ref('ingest_runs') }}
    where dataset = 'options' and status = 'empty' and symbol is not null
        and (coalesce(finished_at, updated_at) at time zone 'UTC')::date >= options_since()
),

both_kinds as (
    from pulled
    union all by name
    from listless
)

select
    *,
    empty_surface_reason(count_quotes, count_priced, count_two_sided, count_by_quality, count_by_status) as reason,
    row_number() over (
        partition by source, underlying
        order by (count_quotes > 0) desc, fetched_at desc, ingest_run_id desc
    ) = 1 as is_newest
from both_kinds
