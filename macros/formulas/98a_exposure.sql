-- Gamma and its kin, weighted by open interest: what those who sold the options must hedge. The sign
-- convention, which no quote can show: dealers are long calls and short puts, so that calls count +, puts -.
-- A contract is 100 shares. A contract without volatility or open interest counts for nothing.

-- Dollars of delta that a move of the spot by 1 % turns over. Unit: currency. Source: SqueezeMetrics (2017),
-- Gamma Exposure (white paper).
create or replace macro gamma_exposure_of(is_call, gamma, open_interest, spot) as
    (2 * is_call::integer - 1) * gamma * open_interest * 100 * spot * spot * 1e-2;

-- Dollars of delta per point of volatility, and per calendar day. Unit: currency.
create or replace macro vanna_exposure_of(is_call, vanna, open_interest, spot) as
    (2 * is_call::integer - 1) * vanna * 1e-2 * open_interest * 100 * spot;
create or replace macro charm_exposure_of(is_call, charm, open_interest, spot) as
    (2 * is_call::integer - 1) * charm_per_day(charm) * open_interest * 100 * spot;

-- Gamma at another spot: of call and put alike. Unit: 1 / price. NULL without time or volatility.
create or replace macro gamma_at(spot, strike, years, rate, vol, dividend_yield) as
    exp(-dividend_yield * years)
    * normal_pdf(
        (ln_or_null(spot / nullif(strike, 0)) + (rate - dividend_yield + vol * vol / 2) * years)
        / nullif(vol_of(total_variance(vol, years), 1), 0)
    ) / nullif(spot * vol_of(total_variance(vol, years), 1), 0);

-- One row per expiry and strike: gamma, vanna and charm exposure of calls, puts and both, and open interest.
-- NULL where nothing is known. Unit: currency; contracts.
create or replace macro exposures(relation) as table
    with weighed as (
        select
            *, gamma_exposure_of(is_call, gamma, open_interest, spot) as dollars,
            vanna_exposure_of(is_call, vanna, open_interest, spot) as vanna_dollars,
            charm_exposure_of(is_call, charm, open_interest, spot) as charm_dollars
        from query_table(relation)
    )
    select
        source, underlying, ingest_run_id, max(quoted_at) as quoted_at, expires_at, strike,
        any_value(spot) as spot, sum(dollars) as gex,
        sum(dollars) filter (is_call) as call_gex, sum(dollars) filter (not is_call) as put_gex,
        sum(vanna_dollars) as vanna_exposure, sum(charm_dollars) as charm_exposure,
        sum(open_interest) filter (is_call) as call_open_interest,
        sum(open_interest) filter (not is_call) as put_open_interest
    from weighed
    group by source, underlying, ingest_run_id, expires_at, strike;

-- The chain's gamma exposure, sum of gamma OI 100 S^2 0.01 with calls + and puts -; per expiry if so asked.
-- Unit: currency per 1 % of the spot. NULL where no contract has gamma and open interest.
-- Source: SqueezeMetrics (2017), Gamma Exposure (white paper).
create or replace macro gex(priced, per_expiry := false) as table
    with placed as (
        select * replace (case when per_expiry then expires_at end as expires_at) from exposures(priced)
    )
    select
        source, underlying, ingest_run_id, max(quoted_at) as quoted_at, expires_at, sum(gex) as value
    from placed
    group by source, underlying, ingest_run_id, expires_at;

-- The chain's gamma exposure at other spots: one row per spot from (1 - width) S to (1 + width) S. Every
-- contract keeps its volatility, rate and time; S is the spot that was quoted last, because each expiry of a
-- live chain comes with a spot of its own. What is left of calls and puts that are equal is rounding, and
-- counts as 0. Unit: currency per 1 % of the spot.
create or replace macro gamma_profile(relation, width := 0.3, points := 121) as table
    with
    shifts as (select 1 + width * (2 * range / nullif(points - 1, 0) - 1) as shift from range(points)),
    open_contracts as (
        select * replace (
            arg_max(spot, {'quoted_at': quoted_at, 'spot': spot})
                over (partition by source, underlying, ingest_run_id) as spot
        )
        from query_table(relation)
        where implied_vol is not null and open_interest > 0 and years > 0 and spot > 0
    ),
    moved as (
        select
            source, underlying, ingest_run_id, quoted_at, spot * shift as level, spot,
            gamma_exposure_of(
                is_call, gamma_at(spot * shift, strike, years, rate, implied_vol, dividend_yield),
                open_interest, spot * shift
            ) as dollars
        from open_contracts
        cross join shifts
    )
    select
        source, underlying, ingest_run_id, max(quoted_at) as quoted_at, any_value(spot) as spot, level,
        case when abs(sum(dollars)) > 1e-12 * sum(abs(dollars)) then sum(dollars) else 0 * sum(dollars) end as gex
    from moved
    group by source, underlying, ingest_run_id, level;

-- The spot at which the chain's gamma exposure changes its sign: on the grid of gamma_profile, the change
-- nearest to the spot, linear between two points of it. Below, hedging adds to moves; above it damps them.
-- Unit: price. NULL without a change of sign within `width` of the spot. Source: SqueezeMetrics (2017), Gamma
-- Exposure (white paper).
create or replace macro gamma_flip(priced, width := 0.3, points := 121) as table
    with
    chains as (
        select source, underlying, ingest_run_id, max(quoted_at) as quoted_at
        from query_table(priced)
        group by source, underlying, ingest_run_id
    ),
    stepped as (
        select
            *, previous({'level': level, 'gex': gex}, (source, underlying, ingest_run_id), level) as before
        from gamma_profile(priced, width, points)
    ),
    crossed as (
        select *, between_points(before.gex, before.level, gex, level, 0) as flip
        from stepped
        where before.gex * gex <= 0 and before.gex <> gex
    )
    select
        source, underlying, ingest_run_id, any_value(chains.quoted_at) as quoted_at,
        null::timestamptz as expires_at,
        arg_min(flip, (abs(flip - spot), flip)) as value
    from chains
    left join crossed using (source, underlying, ingest_run_id)
    group by source, underlying, ingest_run_id;

comment on macro gamma_exposure_of is 'gamma OI 100 S^2 0.01, a put''s with the sign turned';
comment on macro vanna_exposure_of is 'vanna / 100 OI 100 S, a put''s with the sign turned';
comment on macro charm_exposure_of is 'charm per day OI 100 S, a put''s with the sign turned';
comment on macro gamma_at is 'Black-Scholes gamma at another spot';
comment on macro table exposures is 'gamma, vanna and charm exposure of each expiry and strike';
comment on macro table gex is 'gamma exposure of a chain, calls + and puts -, per 1 % of the spot';
comment on macro table gamma_profile is 'gamma exposure of a chain at other spots';
comment on macro table gamma_flip is 'the spot at which gamma exposure changes its sign';
