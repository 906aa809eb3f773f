-- Distributions: probabilities in pure SQL, so that the prompt needs no Python.
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

-- Standard normal distribution function. Unit: 1. Branch-free: DuckDB shares repeated terms only outside
-- CASE. Absolute error 2e-16, relative 2e-15 down to x = -7.
create or replace macro normal_cdf(x) as
    (x > 0)::double
    + (1e0 - 2e0 * (x > 0)::double) * 5e-1 * exp(-5e-1 * x * x) * erfcx_of(abs(x) * 7.0710678118654752e-1);

-- Standard normal density. Unit: 1.
create or replace macro normal_pdf(x) as 3.9894228040143268e-1 * exp(-5e-1 * x * x);

-- The x below which a standard normal falls with probability p. Unit: 1. NULL unless 0 < p < 1.
-- Rational in q^2 near the middle, in sqrt(-ln tail) outside; relative error 1e-15, down to p = 1e-300.
-- Source: Wichura (1988), Applied Statistics 37(3), algorithm AS 241.
create or replace macro normal_quantile_middle(q, r) as
    q * (((((((2509.0809287301226727e0 * r + 33430.575583588128105e0) * r + 67265.770927008700853e0) * r
    + 45921.953931549871457e0) * r + 13731.693765509461125e0) * r + 1971.5909503065514427e0) * r
    + 133.14166789178437745e0) * r + 3.387132872796366608e0)
    / (((((((5226.495278852545925e0 * r + 28729.085735721942674e0) * r + 39307.89580009271061e0) * r
    + 21213.794301586595867e0) * r + 5394.1960214247511077e0) * r + 687.1870074920579083e0) * r
    + 42.313330701600911252e0) * r + 1e0);
create or replace macro normal_quantile_shoulder(r) as
    (((((((7.7454501427834140764e-4 * r + 2.27238449892691845833e-2) * r + 2.4178072517745061177e-1) * r
    + 1.27045825245236838258e0) * r + 3.64784832476320460504e0) * r + 5.7694972214606914055e0) * r
    + 4.6303378461565452959e0) * r + 1.42343711074968357734e0)
    / (((((((1.05075007164441684324e-9 * r + 5.475938084995344946e-4) * r + 1.51986665636164571966e-2) * r
    + 1.4810397642748007459e-1) * r + 6.8976733498510000455e-1) * r + 1.6763848301838038494e0) * r
    + 2.05319162663775882187e0) * r + 1e0);
create or replace macro normal_quantile_tail(r) as
    (((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r + 1.2426609473880784386e-3) * r
    + 2.6532189526576123093e-2) * r + 2.9656057182850489123e-1) * r + 1.7848265399172913358e0) * r
    + 5.4637849111641143699e0) * r + 6.6579046435011037772e0)
    / (((((((2.04426310338993978564e-15 * r + 1.4215117583164458887e-7) * r + 1.8463183175100546818e-5) * r
    + 7.868691311456132591e-4) * r + 1.48753612908506148525e-2) * r + 1.3692988092273580531e-1) * r
    + 5.9983220655588793769e-1) * r + 1e0);
-- `depth` is sqrt(-ln tail) of the nearer tail.
create or replace macro normal_quantile_outer(depth) as
    case when depth <= 5e0 then normal_quantile_shoulder(depth - 1.6e0)
         else normal_quantile_tail(depth - 5e0) end;
create or replace macro normal_quantile(p) as
    case when not (p > 0 and p < 1) then null
         when abs(p::double - 5e-1) <= 4.25e-1
             then normal_quantile_middle(p::double - 5e-1, 1.80625e-1 - pow(p::double - 5e-1, 2))
         else sign(p::double - 5e-1)
             * normal_quantile_outer(sqrt(abs(ln_or_null(least(p::double, 1e0 - p::double))))) end;

-- Probability that a chi-squared variable of `df` degrees of freedom (an integer, at least 1) exceeds x.
-- Unit: 1.
-- NULL for another df. A finite sum; relative error 1e-13 up to x = 100. Source: Abramowitz and Stegun
-- (1964), 26.4.4 and 26.4.5.
-- A term is the exponential of its logarithm, because power and gamma are beyond any number from 340 degrees on.
create or replace macro chi_squared_term(half_x, power) as
    case when half_x > 0 then exp(power * ln(half_x) - half_x - lgamma(power + 1e0))
         when half_x = 0 then (power = 0)::double end;
create or replace macro chi_squared_sf_of(x, df) as
    case when df % 2 = 1 then 2e0 * normal_cdf(-sqrt(x)) else 0e0 end
    + coalesce(list_sum(list_transform(
        range((df // 2)::bigint), lambda j: chi_squared_term(5e-1 * x, j + 5e-1 * (df % 2))
    )), 0e0);
create or replace macro chi_squared_sf(x, df) as
    case when df >= 1 and df = floor(df) and isfinite(x::double)
         then chi_squared_sf_of(greatest(x::double, 0e0), df) end;

-- A share as it is asked for: between 0 and 1, or an error that says so. 95 is no confidence, 0.95 is. And a
-- word as it is asked for: one of those that mean something.
create or replace macro is_share(x, name) as
    case when x > 0 and x < 1 then true else error(concat(name, ' must lie between 0 and 1, got ', x)) end;
create or replace macro checked_choice(x, choices, name) as
    case when list_contains(choices, x) then x
         else error(concat(name, ' must be one of ', array_to_string(choices, ', '), ', got ', x)) end;
create or replace macro is_confidence(confidence) as is_share(confidence, 'confidence');
create or replace macro checked_confidence(confidence) as
    case when is_confidence(confidence) then confidence end;

-- Share of the tail beyond a confidence. Unit: 1. Kept between 0 and 1, because a quantile takes nothing
-- else.
create or replace macro tail_share_of(confidence) as least(greatest(1 - confidence, 0), 1);

-- Mean distance of a list of values from their mean; exactly 0 where they are equal.
create or replace macro mean_abs_deviation_of(list_of_values, mean) as
    case when list_max(list_of_values) = list_min(list_of_values) then 0.0::double
         else list_avg(list_transform(list_of_values, lambda x: abs(x - mean))) end;

comment on macro erfcx_polynomial is 'erfcx(a) (1 + 2a) as a polynomial in y = (a - 3) / (a + 3)';
comment on macro erfcx_of is 'exp(a^2) erfc(a) for a >= 0';
comment on macro normal_cdf is 'standard normal distribution function';
comment on macro normal_pdf is 'standard normal density';
comment on macro normal_quantile_middle is 'AS 241 for |p - 0.5| <= 0.425';
comment on macro normal_quantile_shoulder is 'AS 241 for tails down to exp(-25)';
comment on macro normal_quantile_tail is 'AS 241 for tails below exp(-25)';
comment on macro normal_quantile_outer is 'AS 241 outside the middle, for the upper tail';
comment on macro normal_quantile is 'inverse of the standard normal distribution function';
comment on macro chi_squared_term is 'exp(-x / 2) (x / 2)^power / gamma(power + 1)';
comment on macro chi_squared_sf_of is 'upper tail of the chi-squared distribution, x not negative';
comment on macro chi_squared_sf is 'upper tail of the chi-squared distribution with df degrees of freedom';
comment on macro is_share is 'true between 0 and 1; anything else is an error that names it';
comment on macro checked_choice is 'the word, if it is one of the choices; anything else is an error';
comment on macro is_confidence is 'true for a share between 0 and 1; anything else is an error';
comment on macro checked_confidence is
    'the confidence, if it lies between 0 and 1; anything else is an error';
comment on macro tail_share_of is '1 - confidence, kept between 0 and 1';
comment on macro mean_abs_deviation_of is 'mean distance of values from their mean';
