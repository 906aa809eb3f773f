-- Black-Scholes-Merton in pure SQL, so that the prompt can price without Python. The models take the same numbers from
-- the UDFs of udfs/; each tests the other.
-- s spot, k strike, t years (ACT/365), r and q continuous rates, sigma 1.00 = 100 %. Derivatives are raw: theta and
-- charm per year of calendar time (theta = dV/dt), vega, volga and rho per 1.00.
-- Literals carry an exponent because 0.5 alone would be a decimal.

-- erfcx(a) = exp(a^2) erfc(a) for a >= 0, by a Chebyshev fit of erfcx(a) (1 + 2a) in y = (a - 3) / (a + 3).
-- Relative error 4e-16 before rounding. Coefficients: tests/golden/make_erfcx.py.
create or replace macro erfcx_polynomial(y) as
    ((((((((((((((((((((((-3.39119751496419926e-9) * y - 7.63980570666018464e-9) * y + 2.90009603345580676e-8) * y
    + 8.76476342994291469e-8) * y - 1.232972365581405e-7) * y - 5.96373575707221267e-7) * y
    + 3.40408112033440084e-7) * y + 3.45426408154490138e-6) * y - 7.21891091390969346e-7) * y
    - 2.00899746019375624e-5) * y + 4.94579178887878282e-6) * y + 1.25095299696928638e-4) * y
    - 1.05158888745707998e-4) * y - 7.79831276440303026e-4) * y + 1.88869022176033427e-3) * y
    + 2.52939166662116245e-3) * y - 2.37705149071248625e-2) * y + 6.83080273564405086e-2) * y
    - 1.19273663415753346e-1) * y + 1.29645158702280986e-1) * y - 4.75622943534457558e-2) * y
    - 1.35621106124575719e-1) * y + 1.25300805826972965e0;
create or replace macro erfcx_of(a) as erfcx_polynomial(1e0 - 6e0 / (a + 3e0)) / (1e0 + 2e0 * a);

-- Standard normal distribution function. Unit: 1. Branch-free: DuckDB shares repeated terms only outside CASE.
-- Absolute error 2e-16, relative 2e-15 down to x = -7.
create or replace macro normal_cdf(x) as
    (x > 0)::double
    + (1e0 - 2e0 * (x > 0)::double) * 5e-1 * exp(-5e-1 * x * x) * erfcx_of(abs(x) * 7.0710678118654752e-1);

-- Standard normal density. Unit: 1.
create or replace macro normal_pdf(x) as 3.9894228040143268e-1 * exp(-5e-1 * x * x);

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

comment on macro erfcx_polynomial is 'erfcx(a) (1 + 2a) as a polynomial in y = (a - 3) / (a + 3)';
comment on macro erfcx_of is 'exp(a^2) erfc(a) for a >= 0';
comment on macro normal_cdf is 'standard normal distribution function';
comment on macro normal_pdf is 'standard normal density';
comment on macro bs_greeks is 'Black-Scholes-Merton price and derivatives as a struct, raw units';
comment on macro bs_price is 'S exp(-qT) N(d1) - K exp(-rT) N(d2); a put with the signs turned';
comment on macro bs_delta is 'change of price per unit of spot';
comment on macro bs_gamma is 'change of delta per unit of spot';
comment on macro bs_vega is 'change of price per 1.00 of volatility';
comment on macro bs_theta is 'change of price per year of calendar time';
comment on macro bs_rho is 'change of price per 1.00 of rate';
