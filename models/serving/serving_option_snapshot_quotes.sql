-- One row per contract of every chain that is kept, priced. American volatility is of the newest chains alone.
with

priced_quotes as (
    from {{ ref('priced_quotes') }}
),

american_quotes as (
    select * exclude (expires_at, expiry_on, years, strike, is_call, mid, forward, quoted_at)
    from {{ ref('american_quotes') }}
)

select
    source, underlying, contract_symbol, expiry_on, expires_at, years, is_call, strike, bid, ask, mid, last_price,
    volume, open_interest, quality, spot, forward, log_moneyness, implied_vol, iv_status, delta, gamma, vega, theta,
    theta_per_day, rho, vendor_iv, quoted_at, fetched_at, ingest_run_id,
    is_american, rate, rate_source, dividend_yield, discount, forward_method, price, vega_per_point, rho_per_point,
    dividend_rho, itm_prob, vanna, volga, charm, charm_per_day,
    american_iv, american_iv_status, early_exercise_premium, american_delta, american_gamma,
    american_theta_per_day, american_vega_per_point
from priced_quotes
left join american_quotes using (source, underlying, ingest_run_id, contract_symbol)
