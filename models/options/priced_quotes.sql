-- One row per (source, contract_symbol, ingest_run_id): a quote with its implied volatility and greeks.
-- A table, because it calls a Python UDF. A pull never changes: each is priced once.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    post_hook='{{ forget_unkept_chains() }}'
) }}
with

unpriced as (
    from {{ ref('quotes') }}
    {% if is_incremental() %}
    anti join {{ this }} using (source, underlying, ingest_run_id)
    {% endif %}
),

forwards as (
    from {{ ref('forwards') }}
),

carried as (  -- rate and yield as prices imply them
    select
        unpriced.* exclude (rate, dividend_yield),
        forwards.forward, forwards.discount, forwards.rate,
        forwards.implied_dividend_yield as dividend_yield, forwards.forward_method
    from unpriced
    join forwards using (source, underlying, ingest_run_id, expires_at)
),

priced as (
    select *, chain_greeks(mid, is_call, spot, strike, years, rate, dividend_yield) as priced
    from carried
)

select
    source, underlying, contract_symbol, expiry_on, expires_at, years, is_call, is_american, strike, bid, ask, mid,
    quality, last_price, last_trade_at, volume, open_interest, spot, rate, rate_source, dividend_yield, forward,
    discount, forward_method,
    log_moneyness(strike, forward) as log_moneyness,
    priced.iv as implied_vol,
    coalesce(priced.status, 'null_input') as iv_status,
    priced.price as price,
    priced.delta as delta,
    priced.gamma as gamma,
    priced.vega as vega,
    vega_per_point(priced.vega) as vega_per_point,
    priced.theta as theta,
    theta_per_day(priced.theta) as theta_per_day,
    priced.rho as rho,
    rho_per_point(priced.rho) as rho_per_point,
    priced.dividend_rho as dividend_rho,
    priced.itm_prob as itm_prob,
    priced.vanna as vanna,
    priced.volga as volga,
    priced.charm as charm,
    charm_per_day(priced.charm) as charm_per_day,
    vendor_iv, currency, quoted_at, fetched_at, ingest_run_id
from priced
