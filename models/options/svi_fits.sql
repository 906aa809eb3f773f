-- One row per (source, underlying, ingest_run_id, expires_at): the SVI curve through the smile of an expiry, and its
-- place on the SSVI surface through the chain. A table, because it calls Python UDFs. A pull never changes.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    post_hook='{{ forget_unkept_chains() }}'
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

points as (
    select source, underlying, ingest_run_id, expires_at, k, w, weight from svi_points('unfitted')
),

smiling as (
    select
        expiries.*, coalesce(k, []) as k, coalesce(w, []) as w, coalesce(weight, []) as weight,
        row_number() over (partition by source, underlying, ingest_run_id order by expires_at) as place
    from expiries
    left join points using (source, underlying, ingest_run_id, expires_at)
),

fitted as (
    select *, svi_fit(k, w, weight) as fit from smiling
),

surfaces as (
    select
        source, underlying, ingest_run_id,
        ssvi_fit(list(k order by place), list(w order by place), list(weight order by place)) as surface
    from smiling
    group by source, underlying, ingest_run_id
)

select
    source, underlying, ingest_run_id, expires_at, expiry_on, years, forward,
    fit.a as svi_a, fit.b as svi_b, fit.rho as svi_rho, fit.m as svi_m, fit.sigma as svi_sigma,
    fit.rmse as svi_rmse, fit.max_error as svi_max_error, fit.min_g as svi_min_g,
    fit.n_strikes as count_strikes, fit.status as svi_status,
    surface.thetas[place] as ssvi_theta, surface.rho as ssvi_rho, surface.eta as ssvi_eta,
    surface.gamma as ssvi_gamma, surface.rmse as ssvi_rmse, surface.status as ssvi_status,
    quoted_at, fetched_at
from fitted
join surfaces using (source, underlying, ingest_run_id)
