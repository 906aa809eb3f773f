-- Unit roots: is the next log price the last one plus chance, or does it come back? And if it does, how
-- fast?

-- p-value of a unit-root t statistic: normal distribution of a polynomial fitted to simulations, one below
-- and one above `split`. Source: MacKinnon (1994), J. Business & Econ. Statistics 12(2); (2010), Queen's
-- University working paper 1227.
create or replace macro polynomial_of(x, coefficients) as
    list_sum(list_transform(coefficients, lambda coefficient, i: coefficient * pow(x, i - 1)));
create or replace macro mackinnon_surface(trend) as
    case checked_choice(trend, ['n', 'c', 'ct', 'ctt'], 'trend')
        when 'n' then {'lowest': -19.04, 'split': -1.04, 'highest': 'inf'::double,
            'left': [0.6344, 1.2378, 3.2496e-2]::double[],
            'right': [0.4797, 0.93557, -0.06999, 3.3066e-2]::double[]}
        when 'c' then {'lowest': -18.83, 'split': -1.61, 'highest': 2.74::double,
            'left': [2.1659, 1.4412, 3.8269e-2]::double[],
            'right': [1.7339, 0.93202, -0.12745, -1.0368e-2]::double[]}
        when 'ct' then {'lowest': -16.18, 'split': -2.89, 'highest': 0.7::double,
            'left': [3.2512, 1.6047, 4.9588e-2]::double[],
            'right': [2.5261, 0.61654, -0.37956, -6.0285e-2]::double[]}
        when 'ctt' then {'lowest': -17.17, 'split': -3.21, 'highest': 0.54::double,
            'left': [4.0003, 1.658, 4.8288e-2]::double[],
            'right': [3.0778, 0.49529, -0.41477, -5.9359e-2]::double[]} end;
create or replace macro mackinnon_pvalue_of(statistic, surface) as
    case when statistic > surface.highest then 1.0::double
         when statistic < surface.lowest then 0.0::double
         when statistic <= surface.split then normal_cdf(polynomial_of(statistic, surface['left']))
         else normal_cdf(polynomial_of(statistic, surface['right'])) end;

-- Phillips-Perron Z tau of log prices: t statistic of their return to the trend, freed of autocorrelation
-- by a long-run variance. Unit: 1; strongly negative where they come back. NULL when constant. Source:
-- Phillips and Perron (1988), Biometrika 75(2).
create or replace macro phillips_perron_of(slope, x, residuals, lags, parameters) as
    list_transform(
        [{
            'n': len(x)::double, 'sum_xx': dot_product(x, x), 'sum_uu': dot_product(residuals, residuals),
            'long_run': long_run_variance_of(residuals, lags)
        }],
        lambda s: case when s.n > parameters and s.sum_uu > 0 and s.long_run > 0 then
            (slope * s.sum_xx * sqrt(1 - parameters / nullif(s.n, 0)) - (s.n * s.long_run - s.sum_uu) / 2)
            / nullif(sqrt(s.long_run * s.sum_xx), 0) end
    )[1];
create or replace macro phillips_perron(relation, lags_asked, trend_asked) as table
    with stepped as (
        select
            source, symbol, interval,
            coalesce(lags_asked, schwert_lags(len(log_prices))) as lag_count,
            list_max(log_prices) > list_min(log_prices) as moves,
            log_prices[:len(log_prices) - 1] as levels,
            list_transform(list_zip(log_prices[:len(log_prices) - 1], log_prices[2:]), lambda p: p[2] - p[1]) as steps
        from series_lists(relation)
    ),
    fitted as (
        select
            *,
            trend_mean_of(levels, checked_choice(trend_asked, ['n', 'c', 'ct'], 'trend')) as level_mean,
            trend_slope_of(levels, trend_asked) as level_slope,
            trend_mean_of(steps, trend_asked) as step_mean, trend_slope_of(steps, trend_asked) as step_slope
        from stepped
    ),
    detrended as (
        select
            source, symbol, interval, lag_count, moves,
            detrended_of(levels, level_mean, level_slope, len(levels)) as x,
            detrended_of(steps, step_mean, step_slope, len(steps)) as y
        from fitted
    ),
    sloped as (select *, ratio_of(dot_product(x, y), dot_product(x, x)) as slope from detrended),
    explained as (
        select
            *,
            case when slope is not null
                 then list_transform(list_zip(x, y), lambda pair: pair[2] - slope * pair[1]) end as residuals
        from sloped
    )
    select
        source, symbol, interval,
        case when moves then phillips_perron_of(
            slope, x, residuals, lag_count, case trend_asked when 'n' then 1 when 'c' then 2 else 3 end
        ) end as statistic
    from explained;
create or replace macro phillips_perron_stat(bars, lags := null, trend := 'c') as table
    select source, symbol, interval, null::timestamptz as ts, statistic as value
    from phillips_perron(bars, lags, trend);
create or replace macro phillips_perron_pvalue(bars, lags := null, trend := 'c') as table
    select
        source, symbol, interval, null::timestamptz as ts,
        mackinnon_pvalue_of(statistic, mackinnon_surface(trend)) as value
    from phillips_perron(bars, lags, trend);

-- Bars in which half of a deviation is gone, from the slope b of the change of the log price on the price
-- before. Unit: bars. NULL unless -1 < b < 0: it does not come back, or overshoots at once. Source: Chan
-- (2013), Algorithmic Trading, ch. 2.
create or replace macro half_life_of(slope) as
    case when slope < 0 and slope > -1 then -ln(2) / nullif(ln(1 + slope), 0) end;
create or replace macro half_life(bars) as table
    with known as (
        select
            *,
            ln_or_null(adj_close) as price,
            previous(ln_or_null(adj_close), (source, symbol, interval), ts) as previous_price
        from query_table(bars)
        where adj_close > 0
    ),
    fitted as (
        select
            source, symbol, interval,
            case when count(previous_price) > 1 and max(previous_price) > min(previous_price)
                 then finite_or_null(regr_slope(price - previous_price, previous_price)) end as slope
        from known
        group by source, symbol, interval
    ),
    series as (select distinct source, symbol, interval from query_table(bars))
    select source, symbol, interval, null::timestamptz as ts, half_life_of(slope) as value
    from series left join fitted using (source, symbol, interval);

comment on macro polynomial_of is 'polynomial at x, lowest power first';
comment on macro mackinnon_surface is 'coefficients of the response surface for a trend';
comment on macro mackinnon_pvalue_of is 'probability of a lower t statistic where there is a unit root';
comment on macro phillips_perron_of is 'Z tau from slope, regressor and residuals';
comment on macro table phillips_perron is 'Phillips-Perron statistic of log prices';
comment on macro table phillips_perron_stat is
    'Phillips-Perron Z tau: strongly negative where log prices come back to a level';
comment on macro table phillips_perron_pvalue is 'probability of such a Z tau in a random walk';
comment on macro half_life_of is '-ln 2 / ln(1 + b)';
comment on macro table half_life is 'bars in which half of a deviation of the log price is gone';
