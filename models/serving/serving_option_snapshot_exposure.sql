-- One row per (source, underlying, ingest_run_id, expires_at, strike): what those who sold the options must hedge.
with

exposed as (
    from {{ ref('exposure') }}
)

select
    source, underlying, ingest_run_id, expires_at, strike, spot, strike_gex, call_gex, put_gex, vanna_exposure,
    charm_exposure, call_open_interest, put_open_interest, quoted_at
from exposed
