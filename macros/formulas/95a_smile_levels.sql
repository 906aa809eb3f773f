-- What is read off the smile of each expiry, at the forward, at the spot and on a grid.

-- What is read off the smile of each expiry; NULL where its strikes do not reach so far. A row for each
-- expiry of the relation, whether it has a smile or not. atm_forward_iv: volatility at the forward;
-- atm_spot_iv: at K = S; skew_slope_atmf: d vol / d ln(K / F) at the forward; iv_90, iv_110: at nine and
-- eleven tenths of the forward. Unit: 1 per sqrt(year) (0.2 is 20 %). Source: Gatheral (2006), The Volatility
-- Surface, ch. 3.
create or replace macro smile_levels(relation) as table
    with

    listed as (
        select
            source, underlying, ingest_run_id, expires_at, max(quoted_at) as quoted_at,
            any_value(expiry_on) as expiry_on, any_value(years) as years, any_value(spot) as spot,
            any_value(forward) as forward
        from query_table(relation)
        group by source, underlying, ingest_run_id, expires_at
    ),

    pieces as (
        select source, underlying, ingest_run_id, expires_at, k0, k1, c0, c1, c2, c3
        from smile_pieces(relation)
    ),

    measured as (
        select
            source, underlying, ingest_run_id, any_value(quoted_at) as quoted_at, expires_at,
            any_value(expiry_on) as expiry_on, any_value(listed.years) as years, any_value(spot) as spot,
            any_value(forward) as forward, case when count(k0) > 0 then count(k0) + 1 end as count_strikes,
            variance_at(0, k0, k1, c0, c1, c2, c3) as atm_variance,
            variance_slope_at(0, k0, k1, c1, c2, c3) as atm_variance_slope,
            variance_at(log_moneyness(spot, forward), k0, k1, c0, c1, c2, c3) as spot_variance,
            variance_at(ln(9e-1), k0, k1, c0, c1, c2, c3) as variance_90,
            variance_at(ln(11e-1), k0, k1, c0, c1, c2, c3) as variance_110
        from listed
        left join pieces using (source, underlying, ingest_run_id, expires_at)
        group by source, underlying, ingest_run_id, expires_at
    )

    select
        source, underlying, ingest_run_id, quoted_at, expires_at, expiry_on, years, spot, forward,
        count_strikes,
        vol_of(atm_variance, years) as atm_forward_iv,
        vol_of(spot_variance, years) as atm_spot_iv,
        atm_variance_slope / nullif(2 * years * vol_of(atm_variance, years), 0) as skew_slope_atmf,
        vol_of(variance_90, years) as iv_90,
        vol_of(variance_110, years) as iv_110,
        vol_of(variance_90, years) - vol_of(variance_110, years) as moneyness_skew_90_110
    from measured;

-- The smile on a grid: one row per expiry and moneyness K / F of `levels` that its strikes reach. Unit: 1 per
-- sqrt(year).
create or replace macro moneyness_grid(
    relation, levels := [0.8, 0.85, 0.9, 0.95, 0.975, 1.0, 1.025, 1.05, 1.1, 1.15, 1.2]
) as table
    with
    wanted as (select unnest(levels)::double as moneyness)
    select
        source, underlying, ingest_run_id, quoted_at, expires_at, expiry_on, years, forward, moneyness,
        moneyness * forward as strike,
        vol_of(cubic_of(c0, c1, c2, c3, ln_or_null(moneyness) - k0), years) as implied_vol
    from smile_pieces(relation)
    join wanted on moneyness > 0 and ln_or_null(moneyness) between k0 and k1
    qualify row_number() over (
        partition by source, underlying, ingest_run_id, expires_at, moneyness order by k0 desc
    ) = 1;

-- Volatility of each expiry at the forward, and at the spot. Unit: 1 per sqrt(year) (0.2 is 20 %). NULL where
-- the strikes do not reach it. Source: Gatheral (2006), The Volatility Surface, ch. 3.
create or replace macro atm_forward_iv(priced) as table
    select source, underlying, ingest_run_id, quoted_at, expires_at, atm_forward_iv as value
    from smile_levels(priced);
create or replace macro atm_spot_iv(priced) as table
    select source, underlying, ingest_run_id, quoted_at, expires_at, atm_spot_iv as value
    from smile_levels(priced);

-- Slope of the smile at the forward, d vol / d ln(K / F). Unit: 1 per sqrt(year); negative where puts cost
-- more. NULL where the strikes do not reach it. Source: Gatheral (2006), The Volatility Surface, ch. 3.
create or replace macro skew_slope_atmf(priced) as table
    select source, underlying, ingest_run_id, quoted_at, expires_at, skew_slope_atmf as value
    from smile_levels(priced);

-- Volatility at 0.9 F minus that at 1.1 F. Unit: 1 per sqrt(year). NULL where the strikes do not reach so
-- far. Source: Mixon (2011), J. Derivatives 18(4).
create or replace macro moneyness_skew_90_110(priced) as table
    select source, underlying, ingest_run_id, quoted_at, expires_at, moneyness_skew_90_110 as value
    from smile_levels(priced);

comment on macro table smile_levels is
    'volatility and slope of each smile at the forward, the spot, 0.9 F and 1.1 F';
comment on macro table moneyness_grid is 'volatility of each expiry on a grid of K / F';
comment on macro table atm_forward_iv is 'implied volatility at the forward, of each expiry';
comment on macro table atm_spot_iv is 'implied volatility at the spot, of each expiry';
comment on macro table skew_slope_atmf is 'slope of the smile at the forward, d vol / d ln(K / F)';
comment on macro table moneyness_skew_90_110 is 'implied volatility at 0.9 F minus that at 1.1 F';
