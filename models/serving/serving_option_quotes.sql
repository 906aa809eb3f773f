-- One row per contract of the newest chain of each underlying, priced.
with

priced_quotes as (
    from {{ ref('priced_quotes') }}
),

newest_chains as (
    select source, underlying, ingest_run_id from {{ ref('chains') }} where is_newest
)

select
    source, underlying, contract_symbol, expiry_on, expires_at, years, is_call, strike, bid, ask, mid, last_price,
    volume, open_interest, quality, spot, forward, log_moneyness, implied_vol, iv_status, delta, gamma, vega, theta,
    theta_per_day, rho, vendor_iv, quoted_at, fetched_at, ingest_run_id
from priced_quotes
join newest_chains using (source, underlying, ingest_run_id)
