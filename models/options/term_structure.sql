-- One row per (source, underlying, ingest_run_id, expires_at): what an expiry of a chain says, all of it.
-- Stored, though SQL alone: a view takes half a second for each question, and history asks it of every day. A pull
-- never changes.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    post_hook='{{ forget_unkept_chains() }}'
) }}
with

expiries as (
    select source, underlying, ingest_run_id, expires_at, fetched_at
    from {{ ref('forwards') }}
    {% if is_incremental() %}
    anti join {{ this }} using (source, underlying, ingest_run_id)
    {% endif %}
),

unmeasured as (
    select priced_quotes.*
    from {{ ref('priced_quotes') }} as priced_quotes
    semi join expiries using (source, underlying, ingest_run_id)
),

measured as (
    from expiry_measures('unmeasured')
)

select
    source, underlying, ingest_run_id, expires_at, expiry_on, years, spot, forward, count_strikes,
    atm_forward_iv, atm_spot_iv, skew_slope_atmf, iv_90, iv_110, moneyness_skew_90_110,
    iv_25d_call, iv_25d_put, strike_25d_call, strike_25d_put, risk_reversal_25d, butterfly_25d,
    forward_vol, is_calendar_arbitrage, expected_move, expected_move_straddle, model_free_vol,
    gex, max_pain, call_wall, put_wall,
    call_open_interest::bigint as call_open_interest, put_open_interest::bigint as put_open_interest,
    call_volume::bigint as call_volume, put_volume::bigint as put_volume,
    put_call_ratio_oi, put_call_ratio_volume, quoted_at, fetched_at
from measured
join expiries using (source, underlying, ingest_run_id, expires_at)
