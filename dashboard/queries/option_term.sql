-- One row per volatility of the term structure: of an expiry, between an expiry and the one before, of constant days.
with expiries as (
    select
        expiry_on, years * 365 as days, lag(years) over (order by expires_at) * 365 as days_before,
        atm_forward_iv, model_free_vol, forward_vol
    from serving.option_snapshot_expiries
    where source = $source and underlying = $underlying and ingest_run_id = $ingest_run_id
),
maturities as (
    select days::double as days, atm_iv_constant_maturity
    from serving.option_snapshot_maturities
    where source = $source and underlying = $underlying and ingest_run_id = $ingest_run_id
),
points as (
    select 'At the forward' as series, expiry_on, null as days_before, days, atm_forward_iv as vol from expiries
    union all by name
    select 'Model-free' as series, expiry_on, days, model_free_vol as vol from expiries
    union all by name
    select 'Between expiries' as series, expiry_on, days_before, days, forward_vol as vol from expiries
    union all by name
    select 'Constant maturity' as series, days, atm_iv_constant_maturity as vol from maturities
)
select series, expiry_on, days_before, days, vol
from points
where vol is not null
order by series, days
