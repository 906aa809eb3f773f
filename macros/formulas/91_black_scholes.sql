-- Black-Scholes-Merton in pure SQL, so that the prompt can price without Python. The models take the same numbers from
-- the UDFs of udfs/; each tests the other.
-- s spot, k strike, t years (ACT/365), r and q continuous rates, sigma 1.00 = 100 %. Derivatives are raw:
-- vega, volga, zomma, ultima and rho per 1.00; theta, charm, color and veta per year of calendar time, as
-- expiry comes nearer (theta = -dV/dT; other sheets give color and veta with the opposite sign).
-- Literals carry an exponent because 0.5 alone would be a decimal.

-- ln(s / k) to its last digits, also where the two are nearly equal: the second term is what 1 + x has lost
-- of x. Unit: 1. NULL unless both are positive.
create or replace macro log_ratio_of(x) as ln_or_null(1e0 + x) + (x - ((1e0 + x) - 1e0)) / (1e0 + x);
create or replace macro log_ratio(s, k) as
    case when s > 0 and k > 0 then sign(s - k) * log_ratio_of(abs(s - k)::double / least(s, k)) end;

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
            (rate - yield) * years as carry,
            log_ratio(spot_value, strike_value) + (rate - yield) * years as drifted
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
            density / (spot_value * deviation) as gamma,
            spot_value * density * root as vega,
            d1 * d2 as product,
            (carry - 5e-1 * d2 * deviation) / (years * deviation) as d1_per_year,  -- dd1/dT
            yield + d1 * d1_per_year as rise,
            greatest(side * (spot_value * growth - strike_value * discount), 0 * spot_value) as settled
        from probabilities
    )

    select {
        'price': finite_or_null(coalesce(greatest(spot_leg - strike_leg, 0 * spot_leg), settled)),
        'delta': finite_or_null(side * growth * prob_spot),
        'gamma': finite_or_null(gamma),
        'vega': finite_or_null(vega),
        'theta': finite_or_null(yield * spot_leg - rate * strike_leg - 5e-1 * vega * vol / years),
        'rho': finite_or_null(years * strike_leg),
        'dividend_rho': finite_or_null(-years * spot_leg),
        'itm_prob': finite_or_null(prob_strike),
        'vanna': finite_or_null(-density * d2 / vol),
        'volga': finite_or_null(vega * product / vol),
        'charm': finite_or_null(yield * side * growth * prob_spot - density * d1_per_year),
        'speed': finite_or_null(gamma * (-1 - d1 / deviation) / spot_value),
        'zomma': finite_or_null(gamma * (product - 1) / vol),
        'color': finite_or_null(gamma * (rise + 5e-1 / years)),
        'veta': finite_or_null(vega * (rise - 5e-1 / years)),
        'ultima': finite_or_null(vega * (product * (product - 1) - d1 * d1 - d2 * d2) / (vol * vol))
    }
    from legs
);

-- The same as a relation of one row: from bs_greeks(is_call := true, s := 100, k := 100, t := 0.5, r := 0.03,
-- sigma := 0.2). The arguments may be columns of a relation to the left of it.
create or replace macro bs_greeks(is_call, s, k, t, r, sigma, q := 0) as table
    with priced as (select bs_greeks(is_call, s, k, t, r, sigma, q) as result)
    select unnest(result) from priced;

create or replace macro bs_price(is_call, s, k, t, r, sigma, q := 0) as bs_greeks(is_call, s, k, t, r, sigma, q).price;
create or replace macro bs_delta(is_call, s, k, t, r, sigma, q := 0) as bs_greeks(is_call, s, k, t, r, sigma, q).delta;
create or replace macro bs_gamma(is_call, s, k, t, r, sigma, q := 0) as bs_greeks(is_call, s, k, t, r, sigma, q).gamma;
create or replace macro bs_vega(is_call, s, k, t, r, sigma, q := 0) as bs_greeks(is_call, s, k, t, r, sigma, q).vega;
create or replace macro bs_theta(is_call, s, k, t, r, sigma, q := 0) as bs_greeks(is_call, s, k, t, r, sigma, q).theta;
create or replace macro bs_rho(is_call, s, k, t, r, sigma, q := 0) as bs_greeks(is_call, s, k, t, r, sigma, q).rho;

comment on macro log_ratio_of is 'ln(1 + x) for x >= 0, to the last digits of a small x';
comment on macro log_ratio is 'ln(s / k), to the last digits where the two are nearly equal';
comment on macro bs_greeks is 'Black-Scholes-Merton price and derivatives as a struct, raw units';
comment on macro table bs_greeks is 'Black-Scholes-Merton price and derivatives as one row, raw units';
comment on macro bs_price is 'S exp(-qT) N(d1) - K exp(-rT) N(d2); a put with the signs turned';
comment on macro bs_delta is 'change of price per unit of spot';
comment on macro bs_gamma is 'change of delta per unit of spot';
comment on macro bs_vega is 'change of price per 1.00 of volatility';
comment on macro bs_theta is 'change of price per year of calendar time';
comment on macro bs_rho is 'change of price per 1.00 of rate';
