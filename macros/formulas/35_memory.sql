-- Does a price wander as a random walk does, or does it run on or come back? Variance ratios and Hurst
-- exponents.

-- Slope of ln y on ln x over rows. Unit: 1. NULL for fewer than two rows or where x is constant.
create or replace macro log_log_slope(y, x) as
    case when count(y) > 1 and max(x) > min(x) then finite_or_null(regr_slope(ln_or_null(y), ln_or_null(x))) end;

-- Known log prices of each series less the straight line from the first to the last of them, as a list. Its
-- step over k bars is the log return of k bars less k times the mean log return.
create or replace macro untrended_prices(relation) as table
    with sloped as (
        select *, (log_prices[-1] - log_prices[1]) / nullif(len(log_prices) - 1, 0) as drift from series_lists(relation)
    )
    select
        source, symbol, interval, log_returns,
        list_transform(log_prices, lambda price, i: price - i * coalesce(drift, 0)) as path
    from sloped;

-- Sum of the squared steps of a path over k bars.
create or replace macro squared_steps(path, k) as
    pow(list_distance(path[least(k, len(path)) + 1:], path[:greatest(len(path) - k, 0)]), 2);

-- Variance of overlapping returns of k bars over k times the variance of one bar, both unbiased. Unit: 1; 1
-- for a random walk, more where prices run on, less where they come back. n returns; NULL when constant or
-- for k >= n. Source: Lo and MacKinlay (1988), Review of Financial Studies 1(1).
create or replace macro variance_ratio_of(steps_k, steps_1, k, n) as
    case when k >= 1 and k < n then ratio_of(
        steps_k / nullif(k * (n - k + 1) * (1 - k / nullif(n::double, 0)), 0), steps_1 / nullif(n - 1.0::double, 0)
    ) end;

-- Its deviation from 1 in standard errors that changing volatility does not spoil. Unit: 1. NULL for k = 1.
create or replace macro variance_ratio_z_of(ratio, squares, k) as
    case when k > 1 then (ratio - 1) / nullif(sqrt(list_reduce(
        range(1, k),
        lambda total, j: total + pow(2 - 2 * j / nullif(k::double, 0), 2) * lagged_product(squares, j), 0.0::double
    ) / nullif(pow(list_sum(squares), 2), 0)), 0) end;

-- Variance ratio and z at one horizon, or at 2, 4, 8 and 16 bars where none is given.
create or replace macro variance_ratios(relation, horizon) as table
    with horizons as (
        select *, unnest(case when horizon is null then [2, 4, 8, 16] else [horizon] end)::integer as bars_held
        from untrended_prices(relation)
    ),
    stepped as (
        select
            *,
            case when list_moves(log_returns) then variance_ratio_of(
                squared_steps(path, bars_held), squared_steps(path, 1), bars_held, len(path) - 1
            ) end as ratio,
            list_transform(list_zip(path[2:], path[:len(path) - 1]), lambda pair: pow(pair[1] - pair[2], 2)) as squares
        from horizons
    )
    select
        source, symbol, interval, bars_held, ratio,
        case when ratio is not null then variance_ratio_z_of(ratio, squares, bars_held) end as z
    from stepped;

-- One row per holding period `k`.
create or replace macro variance_ratio(bars, k := null) as table
    select source, symbol, interval, null::timestamptz as ts, ratio as value, bars_held as k
    from variance_ratios(bars, k);
create or replace macro variance_ratio_z(bars, k := null) as table
    select source, symbol, interval, null::timestamptz as ts, z as value, bars_held as k
    from variance_ratios(bars, k);
create or replace macro variance_ratio_pvalue_of(z) as 2 * normal_cdf(-abs(z));
create or replace macro variance_ratio_pvalue(bars, k := null) as table
    select source, symbol, interval, null::timestamptz as ts, variance_ratio_pvalue_of(z) as value, bars_held as k
    from variance_ratios(bars, k);

-- Hurst exponent from the growth of steps: slope of ln(standard deviation of k-bar steps) on ln k, k = 2 to
-- `lags`. Unit: 1; 0.5 for a random walk. NULL when constant or short. Source: Hurst, Black and Simaika
-- (1965), Long-Term Storage.
create or replace macro step_deviation_of(path, k) as
    sqrt(greatest(
        squared_steps(path, k) / nullif(len(path) - k, 0)
        - pow((list_sum(path[k + 1:]) - list_sum(path[:greatest(len(path) - k, 0)])) / nullif(len(path) - k, 0), 2), 0
    ));
create or replace macro hurst_lagged_std(bars, lags := 20) as table
    with stepped as (
        select
            source, symbol, interval, path,
            list_moves(log_returns) as moves,
            unnest(range(2, greatest(lags, 2) + 1)) as bars_held -- a series has a row, whatever is asked
        from untrended_prices(bars)
    )
    select
        source, symbol, interval, null::timestamptz as ts,
        case when max(len(path)) > lags + 1 and bool_and(moves)
             then log_log_slope(step_deviation_of(path, bars_held), bars_held) end as value
    from stepped
    group by source, symbol, interval;

comment on macro log_log_slope is 'least-squares slope of ln y on ln x';
comment on macro table untrended_prices is 'log prices less the line through the first and the last';
comment on macro squared_steps is 'sum of squared steps over k bars';
comment on macro variance_ratio_of is 'unbiased variance of k-bar returns over k times that of one bar';
comment on macro variance_ratio_z_of is '(ratio - 1) over its robust standard error';
comment on macro variance_ratio_pvalue_of is 'probability of a z so far from 0, both tails';
comment on macro table variance_ratios is 'variance ratio and z by holding period';
comment on macro table variance_ratio is
    'variance of k-bar log returns over k times that of one bar; 1 for a random walk';
comment on macro table variance_ratio_z is 'robust z of the variance ratio';
comment on macro table variance_ratio_pvalue is
    'probability of such a variance ratio in a random walk, both tails';
comment on macro step_deviation_of is 'population standard deviation of k-bar steps';
comment on macro table hurst_lagged_std is 'Hurst exponent from the deviation of steps over 2 to lags bars';
