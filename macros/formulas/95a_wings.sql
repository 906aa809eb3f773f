-- The strikes whose options have a given delta, and the skew between them.
-- Delta is that of the spot, without premium adjustment: exp(-qT) N(d1) of a call. With z the quantile of
-- delta exp(qT), a call has it where d1 = z, a put where d1 = -z; d1 = (w / 2 - k) / sqrt(w).

-- What is 0 at the strike where d1 is `depth`; grows with log moneyness k. Unit: 1.
create or replace macro depth_gap(k, variance, depth) as
    k - variance / 2 + depth * sqrt(greatest(variance, 0));

-- One step towards y with depth_gap 0 in a piece: Newton's, or the middle where that leaves the bracket.
-- `bracket` is {low, high, y}; each evaluation narrows the bracket, so that it cannot be lost.
create or replace macro wing_step(bracket, piece, depth) as (
    with
    arguments as (select bracket as _at, piece as _piece, depth as _depth),
    valued as (
        select
            *, cubic_of(_piece.c0, _piece.c1, _piece.c2, _piece.c3, _at.y) as variance,
            cubic_slope_of(_piece.c1, _piece.c2, _piece.c3, _at.y) as bend
        from arguments
    ),
    gauged as (
        select
            *, depth_gap(_piece.k0 + _at.y, variance, _depth) as gap,
            1 - bend / 2 + _depth * bend / nullif(2 * sqrt(greatest(variance, 0)), 0) as slope
        from valued
    ),
    moved as (
        select
            case when gap < 0 then _at.y else _at.low end as low,
            case when gap < 0 then _at.high else _at.y end as high,
            _at.y - gap / nullif(slope, 0) as newton
        from gauged
    )
    select {
        'low': low, 'high': high,
        'y': case when newton >= low and newton <= high then newton else (low + high) / 2 end
    } from moved
);

-- One row per expiry and side with the strike of that delta on the smile, and its volatility. To 1e-12 in ln
-- K: eight steps, of which Newton's need four. NULL where the listed strikes do not reach that delta; of
-- several (a smile with arbitrage) the nearest to the forward. Units: price; 1 per sqrt(year).
create or replace macro delta_strikes(relation, delta := 0.25) as table
    with

    placed as (
        select
            *, unnest([1, -1]) as side, normal_quantile(abs(delta) * exp(dividend_yield * years)) as quantile,
            {'k0': k0, 'c0': c0, 'c1': c1, 'c2': c2, 'c3': c3} as piece
        from smile_pieces(relation)
    ),

    bracketing as (
        select *, side * quantile as depth, {'low': 0::double, 'high': k1 - k0, 'y': (k1 - k0) / 2} as bracket
        from placed
        where depth_gap(k0, c0, side * quantile) <= 0
            and depth_gap(k1, cubic_of(c0, c1, c2, c3, k1 - k0), side * quantile) >= 0
    ),

    first as (select * replace (wing_step(bracket, piece, depth) as bracket) from bracketing),
    second as (select * replace (wing_step(bracket, piece, depth) as bracket) from first),
    third as (select * replace (wing_step(bracket, piece, depth) as bracket) from second),
    fourth as (select * replace (wing_step(bracket, piece, depth) as bracket) from third),
    fifth as (select * replace (wing_step(bracket, piece, depth) as bracket) from fourth),
    sixth as (select * replace (wing_step(bracket, piece, depth) as bracket) from fifth),
    seventh as (select * replace (wing_step(bracket, piece, depth) as bracket) from sixth),
    eighth as (select * replace (wing_step(bracket, piece, depth) as bracket) from seventh)

    select
        source, underlying, ingest_run_id, expires_at, side = 1 as is_call,
        forward * exp(k0 + bracket.y) as strike,
        vol_of(cubic_of(c0, c1, c2, c3, bracket.y), years) as implied_vol
    from eighth
    qualify row_number() over (
        partition by source, underlying, ingest_run_id, expires_at, side order by abs(k0 + bracket.y)
    ) = 1;

-- The wings of each expiry. risk_reversal_25d: volatility of the call minus that of the put; butterfly_25d:
-- their mean minus the volatility at the forward (not that of the delta-neutral straddle, as in foreign
-- exchange). A row for each expiry; NULL where its strikes do not reach that delta. `delta` may be another
-- than 0.25, the names stay. Units: price; 1 per sqrt(year). Source: Wystup (2006), FX Options and Structured
-- Products, ch. 1.
create or replace macro wing_vols(relation, delta := 0.25) as table
    with
    found as (from delta_strikes(relation, delta)),
    joined as (
        select
            levels.*,
            calls.implied_vol as iv_25d_call, puts.implied_vol as iv_25d_put,
            calls.strike as strike_25d_call, puts.strike as strike_25d_put
        from smile_levels(relation) as levels
        left join found as calls on calls.is_call and calls.source = levels.source
            and calls.underlying = levels.underlying and calls.ingest_run_id = levels.ingest_run_id
            and calls.expires_at = levels.expires_at
        left join found as puts on not puts.is_call and puts.source = levels.source
            and puts.underlying = levels.underlying and puts.ingest_run_id = levels.ingest_run_id
            and puts.expires_at = levels.expires_at
    )
    select
        source, underlying, ingest_run_id, quoted_at, expires_at, expiry_on, years, forward, atm_forward_iv,
        iv_25d_call, iv_25d_put, strike_25d_call, strike_25d_put,
        iv_25d_call - iv_25d_put as risk_reversal_25d,
        (iv_25d_call + iv_25d_put) / 2 - atm_forward_iv as butterfly_25d
    from joined;

create or replace macro iv_25d_call(priced, delta := 0.25) as table
    select source, underlying, ingest_run_id, quoted_at, expires_at, iv_25d_call as value
    from wing_vols(priced, delta);
create or replace macro iv_25d_put(priced, delta := 0.25) as table
    select source, underlying, ingest_run_id, quoted_at, expires_at, iv_25d_put as value
    from wing_vols(priced, delta);
create or replace macro strike_25d_call(priced, delta := 0.25) as table
    select source, underlying, ingest_run_id, quoted_at, expires_at, strike_25d_call as value
    from wing_vols(priced, delta);
create or replace macro strike_25d_put(priced, delta := 0.25) as table
    select source, underlying, ingest_run_id, quoted_at, expires_at, strike_25d_put as value
    from wing_vols(priced, delta);
create or replace macro risk_reversal_25d(priced, delta := 0.25) as table
    select source, underlying, ingest_run_id, quoted_at, expires_at, risk_reversal_25d as value
    from wing_vols(priced, delta);
create or replace macro butterfly_25d(priced, delta := 0.25) as table
    select source, underlying, ingest_run_id, quoted_at, expires_at, butterfly_25d as value
    from wing_vols(priced, delta);

comment on macro depth_gap is 'k - w / 2 + depth sqrt(w): 0 where d1 is the depth';
comment on macro wing_step is 'one bracketed Newton step towards the strike of a given delta';
comment on macro table delta_strikes is 'strike and volatility of a given delta, of each expiry and side';
comment on macro table wing_vols is
    '25-delta strikes, volatilities, risk reversal and butterfly of each expiry';
comment on macro table iv_25d_call is 'implied volatility of the 25-delta call, of each expiry';
comment on macro table iv_25d_put is 'implied volatility of the 25-delta put, of each expiry';
comment on macro table strike_25d_call is 'strike of the 25-delta call, of each expiry';
comment on macro table strike_25d_put is 'strike of the 25-delta put, of each expiry';
comment on macro table risk_reversal_25d is 'volatility of the 25-delta call minus that of the put';
comment on macro table butterfly_25d is 'mean volatility of the 25-delta wings minus that at the forward';
