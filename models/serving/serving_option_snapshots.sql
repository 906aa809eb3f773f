-- One row per (source, underlying, ingest_run_id): a chain as one pull saw it, as a whole, and in words why it has no
-- surface where it has none. As of the build.
with

snapshots as (
    from {{ ref('snapshots') }}
),

newest_chains as (
    select source, underlying, ingest_run_id as newest_run_id from {{ ref('newest_chains') }}
)

select
    source, underlying, ingest_run_id, spot, count_expiries, count_quotes, count_two_sided, count_priced,
    count_by_quality, count_by_status,
    empty_surface_reason(count_quotes, count_priced, count_two_sided, count_by_quality, count_by_status) as reason,
    atm_iv_30d, vix_style_index, gex, gamma_flip, call_wall, put_wall, call_open_interest, put_open_interest,
    call_volume, put_volume, put_call_ratio_oi, put_call_ratio_volume, quoted_at, fetched_at,
    ingest_run_id = newest_run_id as is_newest
from snapshots
left join newest_chains using (source, underlying)
