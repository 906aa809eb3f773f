-- One row per (source, underlying, session_on): volatility of 30 days by the last chain of a day, beside its past.
with

exchanges as (
    select timezone from {{ source('config', 'asset_classes') }} where asset_class = 'equity'
),

daily as (  -- a chain without volatility does not speak for its day
    select
        maturities.*, timezone(timezone, quoted_at)::date as session_on, atm_iv_constant_maturity as implied_vol
    from {{ ref('constant_maturity') }} as maturities
    cross join exchanges
    where days = 30 and atm_iv_constant_maturity is not null
    qualify row_number() over (
        partition by source, underlying, timezone(timezone, quoted_at)::date
        order by quoted_at desc, ingest_run_id desc
    ) = 1
),

vols as (
    select source, underlying, ingest_run_id, quoted_at, implied_vol from daily
),

ranked as (
    select source, underlying, quoted_at, iv_rank, iv_percentile
    from iv_ranks('vols', {{ var('window_long') }})
),

daily_bars as (
    from {{ ref('final_bars') }}
    where interval = '1d' and symbol in (select underlying from {{ ref('newest_chains') }})
),

premia as (
    select source, underlying, quoted_at, past_variance, ex_ante, ex_post
    from variance_premia('vols', 'daily_bars', {{ var('window_volatility') }}, null)
)

select
    source, underlying, session_on, ingest_run_id, implied_vol as atm_iv_30d, vix_style_index, iv_rank, iv_percentile,
    vol_of(past_variance, 1) as realized_vol, implied_vol - vol_of(past_variance, 1) as iv_minus_realized,
    ex_ante as variance_risk_premium, ex_post as variance_risk_premium_ex_post, quoted_at
from daily
left join ranked using (source, underlying, quoted_at)
left join premia using (source, underlying, quoted_at)
