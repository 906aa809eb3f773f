"""The newest option chain of one underlying."""

EXPIRIES = """
select expiry_on, count(*) as count_quotes, count(implied_vol) as count_implied_vols
from serving.option_quotes
where source = $source and underlying = $underlying
group by expiry_on
order by expiry_on
"""

OPTION_QUOTES = """
select
    contract_symbol, expiry_on, expires_at, years, is_call, strike, bid, ask, mid, last_price, volume, open_interest,
    quality, spot, forward, log_moneyness, implied_vol, iv_status, delta, gamma, vega, theta, theta_per_day, rho,
    vendor_iv, quoted_at, fetched_at, ingest_run_id, is_american, rate, rate_source, dividend_yield, discount,
    forward_method, price, vega_per_point, rho_per_point, dividend_rho, itm_prob, vanna, volga, charm, charm_per_day,
    american_iv, american_iv_status, early_exercise_premium, american_delta, american_gamma, american_theta_per_day,
    american_vega_per_point
from serving.option_quotes
where source = $source and underlying = $underlying and ($expiry::date is null or expiry_on = $expiry)
order by expires_at, strike, is_call desc
limit $limit
"""

OPTION_SURFACE = """
select
    expiry_on, years, strike, forward, log_moneyness, is_call, implied_vol, quoted_at, expires_at, svi_vol, svi_error,
    ssvi_vol, ingest_run_id
from serving.option_surface
where source = $source and underlying = $underlying and ($expiry::date is null or expiry_on = $expiry)
order by expires_at, strike
limit $limit
"""

# Only asked when there is no surface.
EMPTY_SURFACE = """
select reason
from serving.option_chains
where source = $source and underlying = $underlying
"""
