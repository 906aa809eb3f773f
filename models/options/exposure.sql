-- One row per (source, underlying, ingest_run_id, expires_at, strike): what those who sold the options must hedge.
with

priced_quotes as (
    from {{ ref('priced_quotes') }}
),

exposed as (
    from exposures('priced_quotes')
)

select
    source, underlying, ingest_run_id, expires_at, strike, spot, gex as strike_gex, call_gex, put_gex, vanna_exposure,
    charm_exposure, call_open_interest::bigint as call_open_interest,
    put_open_interest::bigint as put_open_interest, quoted_at
from exposed
