-- One row per contract of the newest chain of each underlying, priced.
with

quotes as (
    from {{ ref('serving_option_snapshot_quotes') }}
),

newest_chains as (
    from {{ ref('newest_chains') }}
)

from quotes
semi join newest_chains using (source, underlying, ingest_run_id)
