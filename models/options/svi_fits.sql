-- One row per (source, underlying, ingest_run_id, expires_at): the SVI curve through the smile of an expiry.
-- A table, because it calls a Python UDF. A pull never changes: each of its expiries is fitted once.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    post_hook="delete from {{ this }} where (fetched_at at time zone 'UTC')::date < options_since()"
) }}
with

expiries as (
    from {{ ref('forwards') }}
    {% if is_incremental() %}
    anti join {{ this }} using (source, underlying, ingest_run_id)
    {% endif %}
),

unfitted as (
    select priced_quotes.*
    from {{ ref('priced_quotes') }} as priced_quotes
    semi join expiries using (source, underlying, ingest_run_id)
),

smiles as (
    from smile('unfitted')
),

points as (  -- weighed by what bid and ask of the option out of the money leave open
    select
        source, underlying, ingest_run_id, expires_at,
        list(smiles.log_moneyness order by strike) as k,
        list(total_variance order by strike) as w,
        list(quote_weight(bid, ask, vega, smiles.implied_vol, smiles.years) order by strike) as weight
    from smiles
    join unfitted using (source, underlying, ingest_run_id, expires_at, strike, is_call)
    group by source, underlying, ingest_run_id, expires_at
),

fitted as (
    select expiries.*, svi_fit(coalesce(k, []), coalesce(w, []), coalesce(weight, [])) as fit
    from expiries
    left join points using (source, underlying, ingest_run_id, expires_at)
)

select
    source, underlying, ingest_run_id, expires_at, expiry_on, years, forward,
    fit.a as svi_a,
    fit.b as svi_b,
    fit.rho as svi_rho,
    fit.m as svi_m,
    fit.sigma as svi_sigma,
    fit.rmse as svi_rmse,
    fit.max_error as svi_max_error,
    fit.min_g as svi_min_g,
    fit.n_strikes as count_strikes,
    fit.status as svi_status,
    quoted_at, fetched_at
from fitted
