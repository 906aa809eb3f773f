"""Figures of one contract of options that a formula gives in SQL, on what is stored of the contract beside them."""

GREEKS = ("delta", "gamma", "vega", "theta", "rho", "dividend_rho", "itm_prob", "vanna", "volga", "charm")
EXPRESSIONS = {
    "implied_vol": "bs_implied_vol(mid, is_call, spot, strike, years, rate, dividend_yield).iv",
    **{name: f"bs_greeks(is_call, spot, strike, years, rate, implied_vol, dividend_yield).{name}" for name in GREEKS},
    "theta_per_day": "theta_per_day(theta)",
    "charm_per_day": "charm_per_day(charm)",
    "vega_per_point": "vega_per_point(vega)",
    "rho_per_point": "rho_per_point(rho)",
    "log_moneyness": "log_moneyness(strike, forward)",
    "mid": "mid_price(bid, ask, quality)",
    "years": "years_to_expiry(quoted_at, expires_at)",
    "total_variance": "total_variance(implied_vol, years)",
}
