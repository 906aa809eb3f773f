-- One row per (source, underlying, expires_at) of the newest chain: all that an expiry says.
with

expiries as (
    from {{ ref('serving_option_snapshot_expiries') }}
),

newest_chains as (
    from {{ ref('newest_chains') }}
)

from expiries
semi join newest_chains using (source, underlying, ingest_run_id)
