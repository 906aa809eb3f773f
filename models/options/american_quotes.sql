-- One row per two-sided contract of the newest chain of each underlying that may be exercised before expiry.
-- The volatility that the American price implies, and what early exercise is worth. A table, because it calls Python
-- UDFs; only of the newest chains, because a lattice takes half a millisecond per contract.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_older_chains() }}'
) }}
with

newest_chains as (
    from {{ ref('newest_chains') }}
    {% if is_incremental() %}
    anti join {{ this }} using (source, underlying, ingest_run_id)
    {% endif %}
),

quoted as (
    select priced_quotes.*
    from {{ ref('priced_quotes') }} as priced_quotes
    semi join newest_chains using (source, underlying, ingest_run_id)
    where is_american and mid is not null
),

implied as (
    select
        *, american_implied_vol(mid, is_call, spot, strike, years, rate, dividend_yield, null, null) as solution
    from quoted
),

priced as (
    select
        *,
        american_price(is_call, spot, strike, years, rate, solution.iv, dividend_yield, null, null) as american
    from implied
)

select
    source, underlying, contract_symbol, ingest_run_id, expires_at, expiry_on, years, strike, is_call, mid, forward,
    solution.iv as american_iv,
    solution.status as american_iv_status,
    implied_vol as european_iv,
    american.price as american_price,
    american.european_price as european_price,
    american.early_exercise_premium as early_exercise_premium,
    american.delta as american_delta,
    american.gamma as american_gamma,
    theta_per_day(american.theta) as american_theta_per_day,
    vega_per_point(american.vega) as american_vega_per_point,
    quoted_at
from priced
