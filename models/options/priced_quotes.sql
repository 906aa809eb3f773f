-- One row per (source, contract_symbol, ingest_run_id): a quote with its implied volatility and greeks.
-- A table, because it calls a Python UDF, and the only relation that does. A pull never changes: each is priced once.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    post_hook="delete from {{ this }} where (fetched_at at time zone 'UTC')::date < options_since()"
) }}
with

option_quotes as (
    from {{ ref('option_quotes') }}
),

dividend_yields as (
    from {{ source('config', 'dividend_yields') }}
),

exchanges as (
    select timezone from {{ source('config', 'asset_classes') }} where asset_class = 'equity'
),

unpriced as (
    select * from option_quotes
    {% if is_incremental() %}
    anti join {{ this }} using (source, contract_symbol, ingest_run_id)
    {% endif %}
),

judged as (
    select
        unpriced.*,
        {{ var('option_rate') }}::double as rate,
        coalesce(dividend_yields.dividend_yield, 0) as dividend_yield,
        years_to_expiry(quoted_at, expires_at) as years,
        quote_quality(
            bid, ask, last_trade_at, quoted_at, exchanges.timezone,
            wide_share := {{ var('option_wide_share') }}, wide_floor := {{ var('option_wide_floor') }},
            stale_days := {{ var('option_stale_days') }}, grace_minutes := {{ var('option_close_grace_minutes') }}
        ) as quality
    from unpriced
    left join dividend_yields using (underlying)
    cross join exchanges
),

measured as (
    select
        *,
        mid_price(bid, ask, quality) as mid,
        forward_of(spot, greatest(years, 0), rate, dividend_yield) as forward
    from judged
),

priced as (
    select *, chain_greeks(mid, is_call, spot, strike, years, rate, dividend_yield) as priced
    from measured
)

select
    source, underlying, contract_symbol, expiry_on, expires_at, years, is_call, strike, bid, ask, mid, last_price,
    last_trade_at, volume, open_interest, quality, spot, rate, dividend_yield, forward,
    log_moneyness(strike, forward) as log_moneyness,
    priced.iv as implied_vol,
    coalesce(priced.status, 'null_input') as iv_status,
    priced.delta as delta,
    priced.gamma as gamma,
    priced.vega as vega,
    priced.theta as theta,
    theta_per_day(priced.theta) as theta_per_day,
    priced.rho as rho,
    priced.dividend_rho as dividend_rho,
    priced.itm_prob as itm_prob,
    priced.vanna as vanna,
    priced.volga as volga,
    priced.charm as charm,
    vendor_iv, currency, quoted_at, fetched_at, ingest_run_id
from priced
