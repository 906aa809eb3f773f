-- One row per (source, underlying, expiry_on, strike) of the newest chain: the out-of-the-money side.
with

smile as (
    from {{ ref('smile') }}
),

newest_chains as (
    select source, underlying, ingest_run_id from {{ ref('chains') }} where is_newest
)

select
    source, underlying, expiry_on, years, strike, forward, log_moneyness, is_call, implied_vol, quoted_at
from smile
join newest_chains using (source, underlying, ingest_run_id)
