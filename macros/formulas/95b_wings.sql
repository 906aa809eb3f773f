-- The strikes whose options have a given delta, and the skew between them.
-- Delta is that of the spot, without premium adjustment: exp(-qT) N(d1) of a call. With z the quantile of
-- delta exp(qT), a call has it where d1 = z, a put where d1 = -z; d1 = (w / 2 - k) / sqrt(w).

-- What is 0 at the strike where d1 is `depth`; grows with log moneyness k. Unit: 1.
create or replace macro depth_gap(k, variance, depth) as
    k - variance / 2 + depth * sqrt(greatest(variance, 0));

-- The same in a piece of the smile, y beyond its k0, and its slope there.
create or replace macro wing_gap(y, k0, c0, c1, c2, c3, depth) as
    depth_gap(k0 + y, cubic_of(c0, c1, c2, c3, y), depth);
create or replace macro wing_slope(y, c0, c1, c2, c3, depth) as
    1 - cubic_slope_of(c1, c2, c3, y) / 2
    + depth * cubic_slope_of(c1, c2, c3, y) / nullif(2 * sqrt(greatest(cubic_of(c0, c1, c2, c3, y), 0)), 0);

-- A bracket {low, high, y} narrowed by the gap at y. The next y is `newton`, or the middle where that leaves
-- the bracket, so that the root cannot be lost.
create or replace macro narrowed(held, gap, newton) as {
    'low': case when gap < 0 then held.y else held.low end,
    'high': case when gap < 0 then held.high else held.y end,
    'y': case when gap < 0 and newton >= held.y and newton <= held.high then newton
              when gap >= 0 and newton >= held.low and newton <= held.y then newton
              when gap < 0 then (held.y + held.high) / 2 else (held.low + held.y) / 2 end
};

-- One row per expiry and side with the strike of that delta on the smile, and its volatility. To 1e-12 in ln
-- K: eight steps, of which Newton's need four. NULL where the listed strikes do not reach that delta; of
-- several (a smile with arbitrage) the nearest to the forward. Units: price; 1 per sqrt(year).
create or replace macro delta_strikes(relation, delta := 0.25) as table
    with

    placed as (
        select
            *, unnest([1, -1]) as side, normal_quantile(abs(delta) * exp(dividend_yield * years)) as quantile
        from smile_pieces(relation)
    ),

    bracketing as (
        select *, side * quantile as depth, {'low': 0::double, 'high': k1 - k0, 'y': (k1 - k0) / 2} as bracket
        from placed
        where depth_gap(k0, c0, side * quantile) <= 0
            and depth_gap(k1, cubic_of(c0, c1, c2, c3, k1 - k0), side * quantile) >= 0
    ),

    found as (
        select
            * exclude (bracket),
            list_reduce(
                [bracket, bracket, bracket, bracket, bracket, bracket, bracket, bracket, bracket],
                lambda held, unused: narrowed(
                    held, wing_gap(held.y, k0, c0, c1, c2, c3, depth),
                    held.y - wing_gap(held.y, k0, c0, c1, c2, c3, depth)
                        / nullif(wing_slope(held.y, c0, c1, c2, c3, depth), 0)
                )
            ).y as y
        from bracketing
    )

    select
        source, underlying, ingest_run_id, expires_at, side = 1 as is_call,
        forward * exp(k0 + y) as strike,
        vol_of(cubic_of(c0, c1, c2, c3, y), years) as implied_vol
    from found
    qualify row_number() over (
        partition by source, underlying, ingest_run_id, expires_at, side order by abs(k0 + y)
    ) = 1;

-- The wings of each expiry. risk_reversal_25d: volatility of the call minus that of the put; butterfly_25d:
-- their mean minus the volatility at the forward (not that of the delta-neutral straddle, as in foreign
-- exchange). A row for each expiry; NULL where its strikes do not reach that delta. `delta` may be another
-- than 0.25, the names stay. Units: price; 1 per sqrt(year). Source: Wystup (2006), FX Options and Structured
-- Products, ch. 1.
create or replace macro wing_vols(relation, delta := 0.25) as table
    with
    wings as (
        select
            source, underlying, ingest_run_id, expires_at,
            max(implied_vol) filter (is_call) as iv_25d_call,
            max(implied_vol) filter (not is_call) as iv_25d_put,
            max(strike) filter (is_call) as strike_25d_call,
            max(strike) filter (not is_call) as strike_25d_put
        from delta_strikes(relation, delta)
        group by source, underlying, ingest_run_id, expires_at
    ),
    joined as (
        from smile_levels(relation)
        left join wings using (source, underlying, ingest_run_id, expires_at)
    )
    select
        source, underlying, ingest_run_id, quoted_at, expires_at, expiry_on, years, forward, atm_forward_iv,
        iv_25d_call, iv_25d_put, strike_25d_call, strike_25d_put,
        iv_25d_call - iv_25d_put as risk_reversal_25d,
        (iv_25d_call + iv_25d_put) / 2 - atm_forward_iv as butterfly_25d
    from joined;

-- Volatility of the call, and of the put, with that delta, of each expiry. Unit: 1 per sqrt(year). NULL where
-- the strikes do not reach it. Source: Wystup (2006), FX Options and Structured Products, ch. 1.
create or replace macro iv_25d_call(priced, delta := 0.25) as table
    select source, underlying, ingest_run_id, quoted_at, expires_at, iv_25d_call as value
    from wing_vols(priced, delta);
create or replace macro iv_25d_put(priced, delta := 0.25) as table
    select source, underlying, ingest_run_id, quoted_at, expires_at, iv_25d_put as value
    from wing_vols(priced, delta);
-- The strike of the call, and of the put, with that delta. Unit: price. NULL where the strikes do not reach
-- it. Source: Wystup (2006), FX Options and Structured Products, ch. 1.
create or replace macro strike_25d_call(priced, delta := 0.25) as table
    select source, underlying, ingest_run_id, quoted_at, expires_at, strike_25d_call as value
    from wing_vols(priced, delta);
create or replace macro strike_25d_put(priced, delta := 0.25) as table
    select source, underlying, ingest_run_id, quoted_at, expires_at, strike_25d_put as value
    from wing_vols(priced, delta);
-- Volatility of that call minus that of the put, the skew of the wings. Unit: 1 per sqrt(year); negative
-- where puts cost more. NULL where the strikes do not reach both. Source: Wystup (2006), FX Options and
-- Structured Products, ch. 1.
create or replace macro risk_reversal_25d(priced, delta := 0.25) as table
    select source, underlying, ingest_run_id, quoted_at, expires_at, risk_reversal_25d as value
    from wing_vols(priced, delta);
-- Mean volatility of both minus that at the forward. Unit: 1 per sqrt(year); positive where the smile bends
-- up. NULL where the strikes do not reach both. Source: Wystup (2006), FX Options and Structured Products,
-- ch. 1.
create or replace macro butterfly_25d(priced, delta := 0.25) as table
    select source, underlying, ingest_run_id, quoted_at, expires_at, butterfly_25d as value
    from wing_vols(priced, delta);

comment on macro depth_gap is 'k - w / 2 + depth sqrt(w): 0 where d1 is the depth';
comment on macro wing_gap is 'depth_gap on a piece of the smile';
comment on macro wing_slope is 'slope of depth_gap on a piece of the smile';
comment on macro narrowed is 'a bracket of a root after one more evaluation';
comment on macro table delta_strikes is 'strike and volatility of a given delta, of each expiry and side';
comment on macro table wing_vols is
    '25-delta strikes, volatilities, risk reversal and butterfly of each expiry';
comment on macro table iv_25d_call is 'implied volatility of the 25-delta call, of each expiry';
comment on macro table iv_25d_put is 'implied volatility of the 25-delta put, of each expiry';
comment on macro table strike_25d_call is 'strike of the 25-delta call, of each expiry';
comment on macro table strike_25d_put is 'strike of the 25-delta put, of each expiry';
comment on macro table risk_reversal_25d is 'volatility of the 25-delta call minus that of the put';
comment on macro table butterfly_25d is 'mean volatility of the 25-delta wings minus that at the forward';
