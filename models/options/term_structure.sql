-- One row per (source, underlying, ingest_run_id, expires_at): volatility at the forward and in the wings, over time.
with

priced_quotes as (
    from {{ ref('priced_quotes') }}
),

levels as (
    from smile_levels('priced_quotes')
),

wings as (
    from wing_vols('priced_quotes')
),

steps as (
    from term_structure('priced_quotes')
)

select
    source, underlying, ingest_run_id, expires_at, levels.expiry_on, levels.years, levels.spot, levels.forward,
    levels.count_strikes, levels.atm_forward_iv, levels.atm_spot_iv,
    wings.iv_25d_call, wings.iv_25d_put, wings.strike_25d_call, wings.strike_25d_put,
    wings.risk_reversal_25d, wings.butterfly_25d,
    levels.skew_slope_atmf, levels.moneyness_skew_90_110, steps.forward_vol, steps.is_calendar_arbitrage,
    levels.quoted_at
from levels
left join wings using (source, underlying, ingest_run_id, expires_at)
left join steps using (source, underlying, ingest_run_id, expires_at)
