-- Black-Scholes-Merton in pure SQL, so that the prompt can price without Python. The models take the same numbers from
-- the UDFs of udfs/; each tests the other.
-- s spot, k strike, t years (ACT/365), r and q continuous rates, sigma 1.00 = 100 %. Derivatives are raw: theta and
-- charm per year of calendar time (theta = dV/dt), vega, volga and rho per 1.00.
-- Literals carry an exponent because 0.5 alone would be a decimal.

-- Price and derivatives as one struct, the fields of the UDF `greeks`. Without time or volatility: the discounted
-- intrinsic value of the forward (undiscounted once expired), derivatives NULL. All NULL for spot or strike <= 0.
-- Source: Merton (1973), Bell Journal 4(1); formulas as in Haug (2007), ch. 2.
create or replace macro bs_greeks(is_call, s, k, t, r, sigma, q := 0) as (
    with

    arguments as (  -- the caller's own columns must not be mistaken for ours, hence the underscores
        select 2 * is_call::double - 1 as _side, s::double as _spot, k::double as _strike, t::double as _years,
               r::double as _rate, sigma::double as _vol, q::double as _yield
    ),

    judged as (
        select
            *,
            isfinite(_side + _spot + _strike + _years + _rate + _vol + _yield)
                and _spot > 0 and _strike > 0 and _vol >= 0 as is_sensible,
            is_sensible and _vol * sqrt(greatest(_years, 0)) > 0
                and _spot / _strike > 0 and isfinite(_spot / _strike) as is_alive
        from arguments
    ),

    checked as (  -- NULL instead of nonsense, so that no logarithm or root meets it
        select
            _side as side, _rate as rate, _yield as yield,
            case when is_sensible then _spot end as spot_value, case when is_sensible then _strike end as strike_value,
            case when is_sensible then greatest(_years, 0) end as years_left,
            case when is_alive then _years end as years, case when is_alive then _vol end as vol
        from judged
    ),

    discounted as (
        select
            *,
            sqrt(years) as root,
            vol * sqrt(years) as deviation,
            exp(-yield * years_left) as growth,
            exp(-rate * years_left) as discount,
            ln_or_null(spot_value / strike_value) + (rate - yield) * years as drifted
        from checked
    ),

    probabilities as (
        select
            *,
            drifted / deviation + 5e-1 * deviation as d1,
            drifted / deviation - 5e-1 * deviation as d2,
            normal_cdf(side * (drifted / deviation + 5e-1 * deviation)) as prob_spot,
            normal_cdf(side * (drifted / deviation - 5e-1 * deviation)) as prob_strike,
            growth * normal_pdf(drifted / deviation + 5e-1 * deviation) as density
        from discounted
    ),

    legs as (
        select
            *,
            side * spot_value * growth * prob_spot as spot_leg,
            side * strike_value * discount * prob_strike as strike_leg,
            spot_value * density * root as vega,
            greatest(side * (spot_value * growth - strike_value * discount), 0 * spot_value) as settled
        from probabilities
    )

    select {
        'price': finite_or_null(coalesce(greatest(spot_leg - strike_leg, 0 * spot_leg), settled)),
        'delta': finite_or_null(side * growth * prob_spot),
        'gamma': finite_or_null(density / (spot_value * deviation)),
        'vega': finite_or_null(vega),
        'theta': finite_or_null(yield * spot_leg - rate * strike_leg - 5e-1 * vega * vol / years),
        'rho': finite_or_null(years * strike_leg),
        'dividend_rho': finite_or_null(-years * spot_leg),
        'itm_prob': finite_or_null(prob_strike),
        'vanna': finite_or_null(-density * d2 / vol),
        'volga': finite_or_null(vega * d1 * d2 / vol),
        'charm': finite_or_null(
            yield * side * growth * prob_spot
            - density * (2 * (rate - yield) * years - d2 * deviation) / (2 * years * deviation)
        )
    }
    from legs
);

create or replace macro bs_price(is_call, s, k, t, r, sigma, q := 0) as bs_greeks(is_call, s, k, t, r, sigma, q).price;
create or replace macro bs_delta(is_call, s, k, t, r, sigma, q := 0) as bs_greeks(is_call, s, k, t, r, sigma, q).delta;
create or replace macro bs_gamma(is_call, s, k, t, r, sigma, q := 0) as bs_greeks(is_call, s, k, t, r, sigma, q).gamma;
create or replace macro bs_vega(is_call, s, k, t, r, sigma, q := 0) as bs_greeks(is_call, s, k, t, r, sigma, q).vega;
create or replace macro bs_theta(is_call, s, k, t, r, sigma, q := 0) as bs_greeks(is_call, s, k, t, r, sigma, q).theta;
create or replace macro bs_rho(is_call, s, k, t, r, sigma, q := 0) as bs_greeks(is_call, s, k, t, r, sigma, q).rho;

comment on macro bs_greeks is 'Black-Scholes-Merton price and derivatives as a struct, raw units';
comment on macro bs_price is 'S exp(-qT) N(d1) - K exp(-rT) N(d2); a put with the signs turned';
comment on macro bs_delta is 'change of price per unit of spot';
comment on macro bs_gamma is 'change of delta per unit of spot';
comment on macro bs_vega is 'change of price per 1.00 of volatility';
comment on macro bs_theta is 'change of price per year of calendar time';
comment on macro bs_rho is 'change of price per 1.00 of rate';
