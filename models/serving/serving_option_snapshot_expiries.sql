-- One row per (source, underlying, ingest_run_id, expires_at) of every chain: all that an expiry says.
with

expiries as (
    from {{ ref('term_structure') }}
),

forwards as (
    select * exclude (expiry_on, years, spot, forward, quoted_at, fetched_at) from {{ ref('forwards') }}
),

fits as (
    select * exclude (expiry_on, years, forward, count_strikes, quoted_at, fetched_at) from {{ ref('svi_fits') }}
)

select
    source, underlying, ingest_run_id, expires_at, expiry_on, years, spot, forward, discount, rate, implied_rate,
    implied_dividend_yield, implied_borrow, forward_method, n_pairs, parity_error, is_american, count_strikes,
    atm_forward_iv, atm_spot_iv, skew_slope_atmf, iv_90, iv_110, moneyness_skew_90_110,
    iv_25d_call, iv_25d_put, strike_25d_call, strike_25d_put, risk_reversal_25d, butterfly_25d,
    forward_vol, is_calendar_arbitrage, expected_move, expected_move_straddle, model_free_vol,
    gex, max_pain, call_wall, put_wall, call_open_interest, put_open_interest, call_volume, put_volume,
    put_call_ratio_oi, put_call_ratio_volume,
    svi_a, svi_b, svi_rho, svi_m, svi_sigma, svi_rmse, svi_min_g, svi_status, ssvi_theta, quoted_at
from expiries
join forwards using (source, underlying, ingest_run_id, expires_at)
left join fits using (source, underlying, ingest_run_id, expires_at)
