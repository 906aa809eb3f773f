-- One row per expiry of a chain: all that it says; the edges of the expected moves lie around the spot.
select
    expiry_on, expires_at, years * 365 as days, spot, forward, discount, rate, implied_rate, implied_dividend_yield,
    implied_borrow, forward_method, n_pairs, parity_error, count_strikes,
    atm_forward_iv, model_free_vol, forward_vol, is_calendar_arbitrage, iv_25d_put, iv_25d_call, risk_reversal_25d,
    butterfly_25d, skew_slope_atmf, moneyness_skew_90_110, expected_move, expected_move_straddle,
    spot - expected_move as move_low, spot + expected_move as move_high,
    spot - expected_move_straddle as straddle_low, spot + expected_move_straddle as straddle_high,
    svi_a, svi_b, svi_rho, svi_m, svi_sigma, svi_rmse, svi_min_g, svi_status, ssvi_theta,
    gex, max_pain, call_wall, put_wall, call_open_interest, put_open_interest, call_volume, put_volume,
    put_call_ratio_oi, put_call_ratio_volume,
    row_number() over (order by atm_forward_iv is null, abs(years - 30 / 365), expires_at) = 1 as is_next_month
from serving.option_snapshot_expiries
where source = $source and underlying = $underlying and ingest_run_id = $ingest_run_id
order by expires_at
