-- Quotes with volatility and greeks, the smile of each expiry, and the curve between its strikes. priced: the
-- columns of quotes (93_forwards.sql), with forward, discount, rate and dividend_yield as the forward implies
-- them, log_moneyness, implied_vol, iv_status, price and greeks.

-- The same chain priced in plain SQL: volatility of the mid and all derivatives. A build stores it
-- (options.priced_quotes, by the UDFs).
create or replace macro priced(relation, near := 0.1, least_pairs := 3, long_years := 0.5) as table
    with

    implied as (
        select
            source, underlying, ingest_run_id, expires_at, forward, discount, rate as implied_rate,
            implied_dividend_yield
        from forwards(relation, near, least_pairs, long_years)
    ),

    rated as (
        select
            given.* exclude (rate, dividend_yield), forward, discount, implied_rate as rate,
            implied_dividend_yield as dividend_yield, log_moneyness(strike, forward) as log_moneyness
        from query_table(relation) as given
        join implied using (source, underlying, ingest_run_id, expires_at)
    ),

    solved as (
        select *, bs_implied_vol(mid, is_call, spot, strike, years, rate, dividend_yield) as solution
        from rated
    ),

    derived as (
        select
            * exclude (solution), solution.iv as implied_vol, solution.status as iv_status,
            bs_greeks(is_call, spot, strike, years, rate, solution.iv, dividend_yield) as greeks
        from solved
    )

    select
        * exclude (greeks), unnest(greeks), theta_per_day(greeks.theta) as theta_per_day,
        charm_per_day(greeks.charm) as charm_per_day, vega_per_point(greeks.vega) as vega_per_point,
        rho_per_point(greeks.rho) as rho_per_point
    from derived;

-- Volatility of a strike from both of its sides. Each counts by how far it is out of the money, N(d1) of the
-- put and N(-d1) of the call, so that the smile does not jump at the forward, where an error of the forward
-- turns the two apart. `side` is that of the option out of the money, 1 a call, -1 a put. Without the other
-- side, or where early exercise is worth something in it: the option out of the money alone. NULL without
-- that. Unit: 1 per sqrt(year).
create or replace macro strike_vol_of(out_vol, in_vol, side, log_moneyness, years) as
    coalesce(
        out_vol + (in_vol - out_vol)
            * normal_cdf(side * (vol_of(total_variance(out_vol, years), 1) / 2
                - log_moneyness / nullif(vol_of(total_variance(out_vol, years), 1), 0))),
        out_vol
    );

-- The smile: one row per expiry and strike whose option out of the money (the call at or above the forward,
-- the put below) has a volatility, with its total variance. European options: of both sides (strike_vol_of);
-- American ones: of that option alone, because the other is off by whole points. Unit: 1 per sqrt(year); 1.
create or replace macro smile(relation) as table
    with

    sided as (
        select
            source, underlying, ingest_run_id, expires_at, strike,
            max(quoted_at) as quoted_at, any_value(expiry_on) as expiry_on, any_value(years) as years,
            any_value(spot) as spot, any_value(forward) as forward, any_value(rate) as rate,
            any_value(dividend_yield) as dividend_yield,
            log_moneyness(strike, any_value(forward)) as log_moneyness,
            is_out_of_the_money(true, strike, any_value(forward)) as is_call,
            max(implied_vol) filter (is_call) as call_vol,
            max(implied_vol) filter (not is_call) as put_vol,
            max((ask - bid) / nullif(2 * vega, 0)) filter (is_call) as call_spread,
            max((ask - bid) / nullif(2 * vega, 0)) filter (not is_call) as put_spread,
            coalesce(bool_or(is_american), false) as is_american
        from query_table(relation)
        group by source, underlying, ingest_run_id, expires_at, strike
    ),

    parted as (
        select
            * exclude (call_vol, put_vol, call_spread, put_spread),
            case when is_call then call_spread else put_spread end as half_spread,
            case when is_call then call_vol else put_vol end as out_vol,
            case when is_american then null when is_call then put_vol else call_vol end as in_vol
        from sided
    ),

    joined as (
        select
            * exclude (out_vol, in_vol), out_vol,
            strike_vol_of(out_vol, in_vol, 2 * is_call::integer - 1, log_moneyness, years) as implied_vol
        from parted
    )

    select
        * exclude (out_vol, half_spread), total_variance(implied_vol, years) as total_variance,
        coalesce(2 * implied_vol * years * half_spread, 0) as variance_band
    from joined
    where implied_vol is not null and log_moneyness is not null and years > 0;

comment on macro table priced is 'quotes with implied volatility and greeks, in plain SQL';
comment on macro strike_vol_of is
    'volatility of a strike from its two sides, each by how far it is out of the money';
comment on macro table smile is 'volatility and total variance of each strike';

-- Volatility that reproduces the mid, of each contract. Unit: 1 per sqrt(year) (0.2 is 20 %). NULL where the
-- price does not carry one: bs_implied_vol says why. Source: Jaeckel (2015), Let's be rational.
create or replace macro implied_vol(priced) as table
    select source, underlying, ingest_run_id, quoted_at, expires_at, strike, is_call, implied_vol as value
    from query_table(priced);
comment on macro table implied_vol is 'volatility that reproduces the mid, of each contract';
