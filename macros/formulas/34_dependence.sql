-- Does the past say anything of the next return? Autocorrelation of log returns, and tests whether all of
-- it is chance.

-- The known log returns and log prices of each series in order, as lists; a price of 0 has no logarithm and
-- is left out. One row per series, also of one that has none. The log price is of the adjusted close, so
-- that its steps are the log returns.
create or replace macro series_lists(relation) as table
    select
        source, symbol, interval,
        coalesce(list(log_return order by ts) filter (log_return is not null), []) as log_returns,
        coalesce(list(simple_return order by ts) filter (simple_return is not null), []) as simple_returns,
        coalesce(list(ln_or_null(adj_close) order by ts) filter (ln_or_null(adj_close) is not null), []) as log_prices
    from with_returns(relation)
    group by source, symbol, interval;

-- How far each value of a list lies from their mean: a column, because an expression would be computed for
-- each value again.
create or replace macro deviations_from(x, mean) as list_transform(x, lambda value: value - mean);

-- Whether a list of returns holds more than one and the rounding of prices. NULL for an empty list.
create or replace macro list_moves(x) as has_moved(list_max(x), list_min(x));

-- Sum of x y over two lists without NULLs. Of slices, because what lies under a list that is NULL counts as
-- a NULL within.
create or replace macro dot_product(x, y) as list_dot_product(x[1:]::double[], y[1:]::double[]);

-- Sum of x(t) x(t - k) over a list; 0 where no two are k apart.
create or replace macro lagged_product(x, k) as
    list_dot_product(x[least(k, len(x)) + 1:]::double[], x[:greatest(len(x) - k, 0)]::double[]);

-- Autocorrelation of the deviations from a full-sample mean, at lag k. Unit: 1, -1 to 1. Every lag is
-- divided by the variance of the whole sample, unlike the correlation of x with its lag. NULL when constant
-- or where no pair is k apart. Source: Box, Jenkins and Reinsel (1994), Time Series Analysis, ch. 2.
create or replace macro autocorrelation_of(deviations, k) as
    case when len(deviations) > k and list_moves(deviations)
         then ratio_of(lagged_product(deviations, k), dot_product(deviations, deviations)) end;
-- One lag after the other, as in all sums over lags here: DuckDB copies a list for each value of another
-- that list_transform walks over. From nothing, which stands lags + 1 times in the list: the 1.5 prompt
-- cannot start from a list.
create or replace macro autocorrelations_of(deviations, lags) as
    list_reduce(
        list_transform(range(case when lags < 0 then 0 else lags end + 1), lambda i: []::double[]),
        lambda rho, unused: list_append(rho, autocorrelation_of(deviations, len(rho) + 1))
    );

-- How far from 0 an autocorrelation of n independent values stays with this confidence, on either side. Unit: 1.
-- NULL without a value. Source: Bartlett (1946), Supplement to the J. Royal Statistical Society 8(1).
create or replace macro autocorrelation_bound_of(n, confidence) as
    normal_quantile((1 + confidence) / 2) / nullif(sqrt(n), 0);

-- Autocorrelations of the log returns at lags 1 to `lags`, as a list. One row per series.
create or replace macro autocorrelation_lists(relation, lags) as table
    with averaged as (select *, list_avg(log_returns) as mean from series_lists(relation)),
    centred as (select source, symbol, interval, deviations_from(log_returns, mean) as deviations from averaged)
    select source, symbol, interval, len(deviations) as n_obs, autocorrelations_of(deviations, lags) as rho
    from centred;

-- Autocorrelation of log returns: one row per lag `k`. Unit: 1.
create or replace macro autocorrelation(bars, lags := 10) as table
    select source, symbol, interval, null::timestamptz as ts, unnest(rho) as value, unnest(range(1, len(rho) + 1)) as k
    from autocorrelation_lists(bars, lags);

-- One step of the Durbin-Levinson recursion: the coefficients of the best linear forecast from one value
-- more. NULL where the forecast is already perfect. Source: Durbin (1960), Rev. Int. Statistical Institute
-- 28(3).
create or replace macro levinson_reflection(phi, rho) as
    case when list_count(phi) = len(phi) then ratio_of(
        rho[len(phi) + 1] - dot_product(phi, list_reverse(rho[:len(phi)])),
        1.0::double - dot_product(phi, rho[:len(phi)])
    ) end;
create or replace macro levinson_step(phi, rho) as
    list_transform(
        [levinson_reflection(phi, rho)],
        lambda last: list_append(
            list_transform(list_zip(phi, list_reverse(phi)), lambda pair: pair[1] - last * pair[2]), last
        )
    )[1];
create or replace macro partial_autocorrelation_of(rho, k) as
    case when list_count(rho[:k]) = k
         then list_reduce(
             list_transform(range(k + 1), lambda i: []::double[]), lambda phi, unused: levinson_step(phi, rho)
         )[k] end;

-- Partial autocorrelation of log returns (Yule-Walker, unadjusted): one row per lag `k`. Unit: 1.
-- Source: Box, Jenkins and Reinsel (1994), Time Series Analysis, ch. 3.
create or replace macro partial_autocorrelation(bars, lags := 10) as table
    with lagged as (
        select
            *,
            -- A NULL would be an error, although it is not asked for.
            list_transform(rho, lambda value: coalesce(value, 0.0::double)) as filled,
            unnest(range(1, len(rho) + 1)) as lag_bars
        from autocorrelation_lists(bars, lags)
    )
    select
        source, symbol, interval, null::timestamptz as ts,
        case when list_count(rho[:lag_bars]) = lag_bars
             then partial_autocorrelation_of(filled, lag_bars) end as value,
        lag_bars as k
    from lagged;

-- Ljung-Box statistic: whether the first `lags` autocorrelations of n values are all zero; chi-squared with
-- `lags` degrees of freedom if they are. Unit: 1. NULL where one of them is. Source: Ljung and Box (1978),
-- Biometrika 65(2).
create or replace macro ljung_box_of(rho, n) as
    case when list_count(rho) = len(rho)
         then n * (n + 2.0::double)
             * list_sum(list_transform(rho, lambda value, k: value * value / nullif(n - k, 0))) end;
create or replace macro ljung_box_stat(bars, lags := 10) as table
    select source, symbol, interval, null::timestamptz as ts, ljung_box_of(rho, n_obs) as value
    from autocorrelation_lists(bars, lags);
create or replace macro ljung_box_pvalue(bars, lags := 10) as table
    select
        source, symbol, interval, null::timestamptz as ts, chi_squared_sf(ljung_box_of(rho, n_obs), lags) as value
    from autocorrelation_lists(bars, lags);

-- Durbin-Watson statistic of simple returns less their mean: 2 without autocorrelation, towards 0 where it
-- is positive, towards 4 where it is negative. Unit: 1. NULL when constant. Source: Durbin and Watson
-- (1950), Biometrika 37(3).
create or replace macro durbin_watson_of(x, mean) as
    case when list_moves(x)
         then ratio_of(
             pow(list_distance(x[2:], x[:len(x) - 1]), 2),
             list_sum(list_transform(x, lambda value: (value - mean) * (value - mean)))
         ) end;
create or replace macro durbin_watson(bars) as table
    with averaged as (select *, list_avg(simple_returns) as mean from series_lists(bars))
    select source, symbol, interval, null::timestamptz as ts, durbin_watson_of(simple_returns, mean) as value 
    from averaged;

comment on macro table series_lists is 'log returns, simple returns and log prices of each series as lists';
comment on macro deviations_from is 'each value of a list less the mean';
comment on macro list_moves is 'whether returns differ by more than rounding';
comment on macro dot_product is 'sum of the products of two lists';
comment on macro lagged_product is 'sum of x(t) x(t - k)';
comment on macro autocorrelation_of is 'lagged product at k over the sum of squares';
comment on macro autocorrelations_of is 'autocorrelations at lags 1 to lags';
comment on macro autocorrelation_bound_of is 'normal quantile over sqrt(n): what chance alone may give';
comment on macro table autocorrelation_lists is
    'autocorrelations of log returns as a list, and the number of returns';
comment on macro table autocorrelation is
    'correlation of log returns with those k bars before, full-sample mean';
comment on macro levinson_reflection is 'the coefficient of the farthest value in the next longer forecast';
comment on macro levinson_step is 'forecast coefficients from one value more';
comment on macro partial_autocorrelation_of is 'the last coefficient of the forecast from k values';
comment on macro table partial_autocorrelation is
    'correlation of log returns with those k bars before, nearer ones aside';
comment on macro ljung_box_of is 'n (n + 2) sum of rho_k^2 / (n - k)';
comment on macro table ljung_box_stat is 'statistic of the Ljung-Box test of log returns';
comment on macro table ljung_box_pvalue is 'probability of such autocorrelations by chance';
comment on macro durbin_watson_of is 'squared steps over squared deviations';
comment on macro table durbin_watson is
    'squared steps of simple returns over squared deviations; 2 without autocorrelation';
