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
            svi_vol(log_moneyness, years, svi_a, svi_b, svi_rho, svi_m, svi_sigma) as svi_vol,
            vol_of(ssvi_variance(log_moneyness, ssvi_theta, ssvi_rho, ssvi_eta, ssvi_gamma), years) as ssvi_vol
        from smile(relation) as smiles
        left join curves using (source, underlying, ingest_run_id, expires_at)
    )

    select *, implied_vol - svi_vol as svi_error from drawn;

-- All that an expiry of a chain says, one row each: levels and wings of its smile, volatility from the expiry before,
-- expected moves, variance without a model, gamma exposure, open interest. NULL where its quotes do not reach so far.
create or replace macro expiry_measures(relation) as table
    with

    wings as (select * exclude (quoted_at, expiry_on, years, forward, atm_forward_iv) from wing_vols(relation)),
    steps as (
        select source, underlying, ingest_run_id, expires_at, forward_vol, is_calendar_arbitrage
        from term_structure(relation)
    ),
    straddles as (select * exclude (quoted_at, value), value as straddle from expected_move_straddle(relation)),
    free as (select * exclude (quoted_at, years) from model_free_variances(relation)),
    exposed as (select * exclude (quoted_at, value), value as gex from gex(relation, per_expiry := true)),
    pains as (select * exclude (quoted_at, value), value as max_pain from max_pain(relation)),
    held as (select * exclude (quoted_at) from positions(relation, per_expiry := true))

    select
        levels.*,
        expected_move_of(spot, atm_forward_iv, years) as expected_move,
        straddle as expected_move_straddle,
        iv_25d_call, iv_25d_put, strike_25d_call, strike_25d_put, risk_reversal_25d, butterfly_25d,
        forward_vol, is_calendar_arbitrage,
        vol_of(greatest(variance, 0), 1) as model_free_vol,
        gex, max_pain, call_wall, put_wall, call_open_interest, put_open_interest, call_volume, put_volume,
        put_call_ratio_oi, put_call_ratio_volume
    from smile_levels(relation) as levels
    left join wings using (source, underlying, ingest_run_id, expires_at)
    left join steps using (source, underlying, ingest_run_id, expires_at)
    left join straddles using (source, underlying, ingest_run_id, expires_at)
    left join free using (source, underlying, ingest_run_id, expires_at)
    left join exposed using (source, underlying, ingest_run_id, expires_at)
    left join pains using (source, underlying, ingest_run_id, expires_at)
    left join held using (source, underlying, ingest_run_id, expires_at);

-- Arbitrage that the fitted curves themselves admit, as rows: svi_butterfly, where Durrleman's g is negative on the curve
-- of an expiry (excess: by how much), and svi_calendar, at each strike where the curve is below that of the expiry before
-- (excess: total variance). None is expected: what is there is of our own making.
create or replace macro fitted_violations(relation, fits) as table
    with

    curves as (
        select
            source, underlying, ingest_run_id, expires_at, quoted_at, svi_min_g,
            {'a': svi_a, 'b': svi_b, 'rho': svi_rho, 'm': svi_m, 'sigma': svi_sigma} as curve
        from query_table(fits)
        where svi_a is not null
    ),

    followed as (
        select
            source, underlying, ingest_run_id, expires_at, curve,
            previous(curve, (source, underlying, ingest_run_id), expires_at) as before
        from curves
    ),

    compared as (
        select
            smiles.*,
            svi_total_variance(log_moneyness, before.a, before.b, before.rho, before.m, before.sigma)
                - svi_total_variance(log_moneyness, curve.a, curve.b, curve.rho, curve.m, curve.sigma) as excess
        from smile(relation) as smiles
        join followed using (source, underlying, ingest_run_id, expires_at)
    )

    select
        'svi_butterfly' as rule, source, underlying, ingest_run_id, quoted_at, expires_at, null::double as strike,
        null::boolean as is_call, -svi_min_g as excess
    from curves
    where svi_min_g < -1e-9
    union all by name
    select
        'svi_calendar' as rule, source, underlying, ingest_run_id, quoted_at, expires_at, strike,
        null::boolean as is_call, excess
    from compared
    where excess > 1e-9;

comment on macro table fitted_violations is 'arbitrage that the fitted curves of a chain admit';
comment on macro table expiry_measures is 'all that an expiry of a chain says';
comment on macro table fitted_smile is 'volatility of each strike beside the SVI curve and the SSVI surface';
