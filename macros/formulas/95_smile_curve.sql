-- The smile between the strikes.

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
comment on macro cubic_of is 'c0 + c1 y + c2 y^2 + c3 y^3';
comment on macro cubic_slope_of is 'c1 + 2 c2 y + 3 c3 y^2';
comment on macro variance_at is 'total variance at a log moneyness, over the pieces of a smile';
comment on macro variance_slope_at is 'its slope in log moneyness';
