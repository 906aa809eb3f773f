-- What values that depend on those before them add up to. One lag after the other, as in 34_dependence.sql.

-- Bartlett's kernel: 1 at lag 0, 0 beyond `lags`. And the sum of squares with the products of values up to
-- `lags` apart, so weighted, twice. Unit: of the square. Source: Newey and West (1987), Econometrica 55(3).
create or replace macro bartlett_weight(k, lags) as 1 - k / nullif(lags + 1.0::double, 0);
create or replace macro long_run_square(x, lags) as
    dot_product(x, x) + 2 * list_reduce(
        range(1, least(lags, len(x) - 1) + 1),
        lambda total, k: total + bartlett_weight(k, lags) * lagged_product(x, k), 0.0::double
    );

comment on macro bartlett_weight is '1 - k / (lags + 1)';
comment on macro long_run_square is 'sum of squares plus twice the Bartlett-weighted lagged products';
