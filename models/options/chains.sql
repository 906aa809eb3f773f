-- One row per (source, underlying, ingest_run_id): a chain, all its expiries as one pull saw them.
with

priced_quotes as (
    from {{ ref('priced_quotes') }}
),

pulled as (
    select
        source,
        underlying,
        ingest_run_id,
        max(quoted_at) as quoted_at,
        max(fetched_at) as fetched_at,
        count(*) as count_quotes,
        count(implied_vol) as count_priced
    from priced_quotes
    group by source, underlying, ingest_run_id
)

select
    source,
    underlying,
    ingest_run_id,
    quoted_at,
    fetched_at,
    count_quotes,
    count_priced,
    row_number() over (partition by source, underlying order by fetched_at desc, ingest_run_id desc) = 1 as is_newest
from pulled
