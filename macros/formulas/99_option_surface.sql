-- Relations that several option models are made of: the smile beside its fitted curves, and all that an expiry says.
-- relation: as the macros of 94_smile.sql take it; fits: one row per expiry of a chain, as options.svi_fits has them.

-- The smile of each expiry beside its fitted curves, and by how much its strikes miss the SVI curve. Unit: 1 per
-- sqrt(year). NULL where an expiry has no fit. svi_error: quoted less fitted.
create or replace macro fitted_smile(relation, fits) as table
    with

    curves as (
        select
            source, underlying, ingest_run_id, expires_at, svi_a, svi_b, svi_rho, svi_m, svi_sigma,
            ssvi_theta, ssvi_rho, ssvi_eta, ssvi_gamma
        from query_table(fits)
    ),

    drawn as (
        select
            smiles.*,
            vol_of(svi_variance(log_moneyness, svi_a, svi_b, svi_rho, svi_m, svi_sigma), years) as svi_vol,
            vol_of(ssvi_variance(log_moneyness, ssvi_theta, ssvi_rho, ssvi_eta, ssvi_gamma), years) as ssvi_vol
        from smile(relation) as smiles
        left join curves using (source, underlying, ingest_run_id, expires_at)
    )

    select *, implied_vol - svi_vol as svi_error from drawn;

comment on macro table fitted_smile is 'volatility of each strike beside the SVI curve and the SSVI surface';
