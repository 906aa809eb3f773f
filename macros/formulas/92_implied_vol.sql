-- Implied volatility in pure SQL: the method of udfs/normalised_vol.py, where it is explained.
-- c is the undiscounted out-of-the-money price in units of min(F, K), k = |ln(F / K)|, s = sigma sqrt(T),
-- d1 = s/2 - k/s.

-- A deviation s that is right to 16 % for every 0 < c < 1 and k >= 0. Unit: 1.
-- -ln(1 - c^2) has no digits left where c^2 is below the rounding of 1, but then it is c^2.
create or replace macro iv_start(c, k) as (
    with arguments as (select c::double as _c, k::double as _k),
    limits as (
        select _c, _k, ln(1 + _k / _c) as v, greatest(-ln_or_null(1 - _c * _c), _c * _c) as rest from arguments
    ),
    weighed as (
        select
            _k,
            v * sqrt(
                (1.5915494309189535e-1 + v * (2.792453e-2 + v * 7.0003e-4))
                / (1 + v * (1.6512123e-1 + v * (1.783404e-2 + v * 3.50015e-4)))
            ) as bachelier,
            rest / 1.47e-1 as e,
            2 / (pi() * 1.47e-1) - 5e-1 * rest as b
        from limits
    ),
    placed as (select _k, sqrt(2 * e / (sqrt(b * b + e) + b)) - bachelier as d1 from weighed)
    select case when d1 > 0 then d1 + sqrt(d1 * d1 + 2 * _k) else 2 * _k / (sqrt(d1 * d1 + 2 * _k) - d1) end
    from placed
);

-- One step of Householder's method of order four towards the s with ln c(s) = target (side 1), or ln(1 - c(s)) = target
-- (side -1). Unit: 1.
create or replace macro iv_step(s, k, target, side) as (
    with arguments as (select s::double as _s, k::double as _k, target::double as _target, side::double as _side),
    placed as (
        select *, 5e-1 * _s - _k / _s as d1, 5e-1 * _s + _k / _s as d2, -_side * (5e-1 * _s - _k / _s) < 0 as is_below
        from arguments
    ),
    weighed as (  -- erfcx(-a) = 2 exp(a^2) - erfcx(a)
        select
            *,
            2 * is_below::double * exp(5e-1 * d1 * d1 * is_below::double)
            + (1 - 2 * is_below::double) * erfcx_of(abs(d1) * 7.0710678118654752e-1)
            - _side * erfcx_of(d2 * 7.0710678118654752e-1) as scaled,
            d1 * d2 / _s as bend
        from placed
    ),
    sloped as (
        select
            *,
            _side * 7.9788456080286536e-1 / scaled as slope,
            (ln_or_null(5e-1 * scaled) - 5e-1 * d1 * d1 - _target) / (_side * 7.9788456080286536e-1 / scaled) as newton
        from weighed
    ),
    bent as (
        select
            _s,
            newton,
            bend + slope as second,
            bend * bend - 3 * (_k / _s / _s) * (_k / _s / _s) - 25e-2 + 3 * bend * slope + 2 * slope * slope as third
        from sloped
    )
    select _s - newton * (1 + 5e-1 * second * newton) / (1 + newton * (second + newton * third / 6)) from bent
);

-- Volatility that reproduces a price, or why there is none: {iv, status}, as the UDF `implied_vol`; a NULL argument
-- gives status null_input. Unit: 1 per sqrt(year) (0.2 = 20 %). Source: Jaeckel (2015), Let's be rational.
create or replace macro bs_implied_vol(price, is_call, s, k, t, r, q := 0) as (
    with

    arguments as (
        select price::double as _price, 2 * is_call::double - 1 as _side, s::double as _spot, k::double as _strike,
               t::double as _years, r::double as _rate, q::double as _yield
    ),

    judged as (
        select *, coalesce(isfinite(_price + _side + _spot + _strike + _years + _rate + _yield), false) as is_known
        from arguments
    ),

    checked as (  -- NULL instead of nonsense, so that no logarithm or root meets it
        select
            *,
            case when is_known and _years > 0 and _spot > 0 and _strike > 0 and _spot / _strike > 0
                 then (_rate - _yield) * _years end as drift
        from judged
    ),

    normalised as (  -- 2 exp(x/2) sinh(x/2) = exp(x) - 1 without its cancellation
        select
            *,
            _price * exp(_rate * _years) as undiscounted,
            greatest(_side * (_spot * 2 * exp(drift / 2) * sinh(drift / 2) + (_spot - _strike)), 0 * drift)
                as intrinsic,
            least(_spot * exp(drift), _strike + 0 * drift) as unit,
            abs(log_ratio(_spot, _strike) + drift) as moneyness
        from checked
    ),

    bounded as (
        select
            *,
            undiscounted - intrinsic as time_value,
            1.7763568394002505e-15 * (abs(undiscounted) + intrinsic) as rounding
        from normalised
    ),

    classified as (
        select
            *,
            case when not is_known then 'null_input'
                 when _years <= 0 then 'expired'
                 when coalesce(not (unit > 0 and isfinite(time_value) and isfinite(moneyness)), true) then 'bad_input'
                 when time_value < -rounding then 'below_intrinsic'
                 when time_value <= rounding then 'no_time_value'
                 when time_value >= unit then 'above_max'
                 when _price <= 1e-12 * _spot then 'ill_conditioned'
                 else 'ok' end as first_status
        from bounded
    ),

    aimed as (
        select
            *,
            case when first_status = 'ok' then time_value / unit end as c,
            case when time_value / unit < 5e-1 then 1 else -1 end as side
        from classified
    ),

    started as (
        select *, ln_or_null(case when side = 1 then c else 1 - c end) as target, iv_start(c, moneyness) as start
        from aimed
    ),

    stepped as (select *, iv_step(start, moneyness, target, side) as first_step from started),

    solved as (select *, iv_step(first_step, moneyness, target, side) as deviation from stepped),

    weighed as (
        select
            first_status,
            deviation / sqrt(greatest(_years, 0)) as sigma,
            unit * exp(-_rate * _years) * normal_pdf(5e-1 * deviation - moneyness / deviation)
                * sqrt(greatest(_years, 0)) as vega,
            pow(2, floor(log2(case when first_status = 'ok' then _price end)) - 52) as last_place
        from solved
    ),

    carried as (
        select
            sigma,
            case when first_status <> 'ok' then first_status
                 when isfinite(sigma) and sigma > 0 and last_place < 1e-10 * sigma * vega then 'ok'
                 else 'ill_conditioned' end as status
        from weighed
    )

    select {'iv': case when status = 'ok' then sigma end, 'status': status} from carried
);

-- The volatility alone. Unit: 1 per sqrt(year). NULL where there is none.
create or replace macro iv(price, is_call, s, k, t, r, q := 0) as bs_implied_vol(price, is_call, s, k, t, r, q).iv;

comment on macro iv_start is 'first guess of sigma sqrt(T) from the normalised price and moneyness';
comment on macro iv_step is 'one Householder step of order four on sigma sqrt(T)';
comment on macro bs_implied_vol is 'Black-Scholes-Merton volatility that reproduces a price, as {iv, status}';
comment on macro iv is 'Black-Scholes-Merton volatility that reproduces a price';
