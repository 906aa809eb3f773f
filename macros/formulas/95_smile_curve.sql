-- The smile between the strikes, and what is read off it.

-- One row per pair of neighbouring strikes, from log moneyness k0 to k1, with the cubic in y = k - k0, w = c0
-- + c1 y + c2 y^2 + c3 y^3, of the natural spline through their total variances. Of two strikes it is the
-- line; nothing is said outside the listed strikes. On exact volatilities of a known surface it errs by 1e-5
-- at most (a cubic through four neighbours by 2e-5, and by 30 times as much in the slope at the forward); on
-- quoted ones by what the quotes do. Source: de Boor (1978), A Practical Guide to Splines, ch. 4.
create or replace macro smile_pieces(relation) as table
    with

    neighbouring as (
        select
            *, log_moneyness as k0, total_variance as w0,
            previous({'k': log_moneyness, 'w': total_variance},
                (source, underlying, ingest_run_id, expires_at), strike) as before,
            lead({'k': log_moneyness, 'w': total_variance, 'band': variance_band}) over (
                partition by source, underlying, ingest_run_id, expires_at order by strike
            ) as after
        from smile(relation)
    ),

    knotted as (  -- each in a list of its own, what the sweeps append to; at an end the bend is 0
        select
            source, underlying, ingest_run_id, expires_at,
            list(strike order by strike) as strikes,
            list([{
                'lower': case when after.k is null then 0 else coalesce(k0 - before.k, 0) / 6 end,
                'middle': coalesce((after.k - before.k) / 3, 1),
                'upper': case when before.k is null then 0 else coalesce(after.k - k0, 0) / 6 end,
                'bend': coalesce(
                    (after.w - w0) / nullif(after.k - k0, 0) - (w0 - before.w) / nullif(k0 - before.k, 0), 0
                )
            }] order by strike) as knots
        from neighbouring
        group by source, underlying, ingest_run_id, expires_at
    ),

    swept as (  -- Gauss elimination of the three diagonals
        select
            * exclude (knots),
            list_reduce(knots, lambda done, knot: list_append(done, {
                'lower': 0::double,
                'middle': knot[1].middle - knot[1].lower * done[-1].upper / done[-1].middle,
                'upper': knot[1].upper,
                'bend': knot[1].bend - knot[1].lower * done[-1].bend / done[-1].middle
            })) as sweeps
        from knotted
    ),

    solved as (  -- and back, the last one first: the bends are the second derivatives
        select
            source, underlying, ingest_run_id, expires_at, unnest(list_reverse(strikes)) as strike,
            unnest(list_reduce(
                list_transform(list_reverse(sweeps), lambda sweep: [sweep]),
                lambda done, sweep: list_append(done, {
                    'lower': 0::double, 'middle': 1::double, 'upper': 0::double,
                    'bend': (sweep[1].bend - sweep[1].upper * done[-1].bend) / sweep[1].middle
                })
            )).bend as bend
        from swept
    ),

    paired as (
        select
            *, after.k as k1, after.k - k0 as h, after.w as w1,
            lead(bend) over (
                partition by source, underlying, ingest_run_id, expires_at order by strike
            ) as next_bend
        from neighbouring
        join solved using (source, underlying, ingest_run_id, expires_at, strike)
    )

    select
        source, underlying, ingest_run_id, quoted_at, expires_at, expiry_on, years, spot, forward, rate,
        dividend_yield, strike, greatest(variance_band, after.band) as variance_band, k0, k1, w0 as c0,
        (w1 - w0) / h - h * (2 * bend + next_bend) / 6 as c1,
        bend / 2 as c2,
        (next_bend - bend) / (6 * h) as c3
    from paired
    where h > 0;

-- A cubic and its slope. Unit: 1.
create or replace macro cubic_of(c0, c1, c2, c3, y) as c0 + y * (c1 + y * (c2 + y * c3));
create or replace macro cubic_slope_of(c1, c2, c3, y) as c1 + y * (2 * c2 + y * 3 * c3);

-- Total variance and its slope at log moneyness x, over the pieces of an expiry. Aggregates; NULL outside
-- them.
create or replace macro variance_at(x, k0, k1, c0, c1, c2, c3) as
    arg_max(cubic_of(c0, c1, c2, c3, x - k0), k0) filter (x between k0 and k1);
create or replace macro variance_slope_at(x, k0, k1, c1, c2, c3) as
    arg_max(cubic_slope_of(c1, c2, c3, x - k0), k0) filter (x between k0 and k1);

comment on macro table smile_pieces is 'the cubics of total variance between neighbouring strikes';
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
        vol_of(cubic_of(c0, c1, c2, c3, ln(moneyness) - k0), years) as implied_vol
    from smile_pieces(relation)
    join wanted on moneyness > 0 and ln_or_null(moneyness) between k0 and k1
    qualify row_number() over (
        partition by source, underlying, ingest_run_id, expires_at, moneyness order by k0 desc
    ) = 1;

create or replace macro atm_forward_iv(priced) as table
    select source, underlying, ingest_run_id, quoted_at, expires_at, atm_forward_iv as value
    from smile_levels(priced);
create or replace macro atm_spot_iv(priced) as table
    select source, underlying, ingest_run_id, quoted_at, expires_at, atm_spot_iv as value
    from smile_levels(priced);

-- Slope of the smile at the forward, d vol / d ln(K / F). Unit: 1 per sqrt(year); negative where puts cost
-- more.
create or replace macro skew_slope_atmf(priced) as table
    select source, underlying, ingest_run_id, quoted_at, expires_at, skew_slope_atmf as value
    from smile_levels(priced);

-- Volatility at 0.9 F minus that at 1.1 F. Unit: 1 per sqrt(year).
create or replace macro moneyness_skew_90_110(priced) as table
    select source, underlying, ingest_run_id, quoted_at, expires_at, moneyness_skew_90_110 as value
    from smile_levels(priced);

comment on macro table smile_pieces is 'the cubics of total variance between neighbouring strikes';
comment on macro cubic_of is 'c0 + c1 y + c2 y^2 + c3 y^3';
comment on macro cubic_slope_of is 'c1 + 2 c2 y + 3 c3 y^2';
comment on macro variance_at is 'total variance at a log moneyness, over the pieces of a smile';
comment on macro variance_slope_at is 'its slope in log moneyness';
comment on macro table smile_levels is
    'volatility and slope of each smile at the forward, the spot, 0.9 F and 1.1 F';
comment on macro table moneyness_grid is 'volatility of each expiry on a grid of K / F';
comment on macro table atm_forward_iv is 'implied volatility at the forward, of each expiry';
comment on macro table atm_spot_iv is 'implied volatility at the spot, of each expiry';
comment on macro table skew_slope_atmf is 'slope of the smile at the forward, d vol / d ln(K / F)';
comment on macro table moneyness_skew_90_110 is 'implied volatility at 0.9 F minus that at 1.1 F';
