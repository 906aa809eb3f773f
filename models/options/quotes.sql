-- One row per (source, contract_symbol, ingest_run_id): a quote as it was judged, and what it takes to price it.
-- A view that builds alone read: whatever is downstream reads priced_quotes.
with

option_quotes as (
    from {{ ref('option_quotes') }}
),

dividend_yields as (
    from {{ source('config', 'dividend_yields') }}
),

european_options as (
    from {{ source('config', 'european_options') }}
),

exchanges as (
    select timezone from {{ source('config', 'asset_classes') }} where asset_class = 'equity'
),

rates as (
    from {{ source('config', 'rates') }}
),

bills as (  -- per cent, as Yahoo writes ^IRX
    select source, end_ts, bill_rate_of(close, 91) as rate
    from {{ ref('equity_prices') }}
    where symbol = '{{ var("option_rate_series") }}' and is_final
),

timed as (
    select
        *,
        years_to_expiry(quoted_at, expires_at) as years,
        365 * greatest(years_to_expiry(quoted_at, expires_at), 0) as days
    from option_quotes
    where not is_adjusted_contract(contract_symbol)
),

curve as (
    select days, rate as curve_rate from rates_at('timed', 'rates')
),

rated as (  -- a bill of 13 weeks speaks for expiries within half a year, and for a week after its close
    select
        timed.*, curve_rate,
        case when years <= 5e-1 and bills.end_ts >= quoted_at - interval 7 days then bills.rate end as bill_rate
    from timed
    join curve using (days)
    asof left join bills on timed.source = bills.source and timed.quoted_at >= bills.end_ts
),

judged as (
    select
        rated.*,
        coalesce(bill_rate, curve_rate) as rate,
        case when bill_rate is null then 'curve' else 'bill' end as rate_source,
        coalesce(dividend_yields.dividend_yield, 0) as dividend_yield,
        european_options.underlying is null as is_american,
        quote_quality(
            bid, ask, last_trade_at, quoted_at, exchanges.timezone,
            wide_share := {{ var('option_wide_share') }}, wide_floor := {{ var('option_wide_floor') }},
            stale_days := {{ var('option_stale_days') }}, grace_minutes := {{ var('option_close_grace_minutes') }}
        ) as quality
    from rated
    left join dividend_yields using (underlying)
    left join european_options using (underlying)
    cross join exchanges
)

select
    source, underlying, ingest_run_id, contract_symbol, expiry_on, expires_at, years, strike, is_call, is_american,
    bid, ask, mid_price(bid, ask, quality) as mid, quality, last_price, last_trade_at, volume, open_interest, spot,
    rate, rate_source, dividend_yield, vendor_iv, currency, quoted_at, fetched_at
from judged
