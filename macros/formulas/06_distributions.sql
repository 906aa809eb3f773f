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

-- Standard normal distribution function. Unit: 1. Branch-free: DuckDB shares repeated terms only outside CASE.
-- Absolute error 2e-16, relative 2e-15 down to x = -7.
create or replace macro normal_cdf(x) as
    (x > 0)::double
    + (1e0 - 2e0 * (x > 0)::double) * 5e-1 * exp(-5e-1 * x * x) * erfcx_of(abs(x) * 7.0710678118654752e-1);

-- Standard normal density. Unit: 1.
create or replace macro normal_pdf(x) as 3.9894228040143268e-1 * exp(-5e-1 * x * x);

comment on macro erfcx_polynomial is 'erfcx(a) (1 + 2a) as a polynomial in y = (a - 3) / (a + 3)';
comment on macro erfcx_of is 'exp(a^2) erfc(a) for a >= 0';
comment on macro normal_cdf is 'standard normal distribution function';
comment on macro normal_pdf is 'standard normal density';
