-- Does a log price come back to a level? KPSS asks whether it does; Phillips-Perron and Dickey-Fuller
-- whether it does not. `trend` says what it may come back to: 'n' nothing, 'c' a level, 'ct' a straight
-- line.

-- Lags when none are asked for: 12 (n / 100)^(1/4), rounded down. Source: Schwert (1989), J. Business &
-- Econ. Statistics 7(2).
create or replace macro schwert_lags(n) as floor(12 * pow(n / 100.0::double, 0.25::double))::integer;

-- What a least-squares fit on `trend` takes from a list of n values: its mean, and its slope from one to
-- the next.
create or replace macro trend_mean_of(x, trend) as
    case when trend = 'n' then 0.0::double when trend in ('c', 'ct') then list_avg(x) end;
create or replace macro trend_slope_of(x, trend) as
    case when trend <> 'ct' then 0.0::double
         else dot_product(x, list_transform(range(len(x)), lambda i: i - (len(x) - 1) / 2.0::double))
             / nullif(len(x) * (len(x) * len(x) - 1.0::double) / 12, 0) end;
create or replace macro detrended_of(x, mean, slope, n) as
    case when mean + slope is not null
         then list_transform(x, lambda value, i: value - mean - slope * (i - (n + 1) / 2.0::double)) end;

-- Long-run variance of the residuals: lagged products up to `lags`, weighted by Bartlett. Unit: of x
-- squared. NULL for as many lags as values. Source: Newey and West (1987), Econometrica 55(3).
create or replace macro long_run_variance_of(x, lags) as
    case when lags >= 0 and lags < len(x)
         then long_run_square(x, lags) / nullif(len(x)::double, 0) end;

-- KPSS statistic of log prices: squared running sums of the residuals over n^2 times their long-run
-- variance. Unit: 1; large where they wander. NULL when constant. Source: Kwiatkowski, Phillips, Schmidt
-- and Shin (1992), J. Econometrics 54.
create or replace macro kpss(relation, lags_asked, trend_asked) as table
    with fitted as (
        select
            source, symbol, interval, log_prices, len(log_prices) as n,
            coalesce(lags_asked, schwert_lags(len(log_prices))) as lag_count,
            trend_mean_of(log_prices, checked_choice(trend_asked, ['c', 'ct'], 'trend')) as mean,
            trend_slope_of(log_prices, trend_asked) as slope
        from series_lists(relation)
    ),
    residuals as (
        select
            source, symbol, interval, n, lag_count,
            list_max(log_prices) > list_min(log_prices) as moves,
            detrended_of(log_prices, mean, slope, n) as x
        from fitted
    ),
    steps as (
        select source, symbol, interval, unnest(x) as residual, unnest(range(n)) as i from residuals where moves
    ),
    summed as (
        select source, symbol, interval, running_sum(residual, (source, symbol, interval), i) as total from steps
    ),
    squared as (
        select source, symbol, interval, sum(total * total) as squares from summed group by source, symbol, interval
    )
    select
        source, symbol, interval,
        case when moves
             then ratio_of(squares / nullif(n * n::double, 0), long_run_variance_of(x, lag_count)) end as statistic
    from residuals left join squared using (source, symbol, interval);

-- p-value between the four that the paper's table has; cut off at 0.01 and 0.1. Unit: 1.
create or replace macro interpolated(x, x1, y1, x2, y2) as y1 + (y2 - y1) * (x - x1) / nullif(x2 - x1, 0);
create or replace macro kpss_pvalue_of(x, critical) as
    case when x <= critical[1] then 0.1::double
         when x <= critical[2] then interpolated(x, critical[1], 0.1::double, critical[2], 0.05::double)
         when x <= critical[3] then interpolated(x, critical[2], 0.05::double, critical[3], 0.025::double)
         when x <= critical[4] then interpolated(x, critical[3], 0.025::double, critical[4], 0.01::double)
         when x > critical[4] then 0.01::double end;
create or replace macro kpss_critical(trend) as
    case checked_choice(trend, ['c', 'ct'], 'trend') when 'c' then [0.347, 0.463, 0.574, 0.739]::double[]
               when 'ct' then [0.119, 0.146, 0.176, 0.216]::double[] end;

create or replace macro kpss_stat(bars, lags := null, trend := 'c') as table
    select source, symbol, interval, null::timestamptz as ts, statistic as value
    from kpss(bars, lags, trend);
create or replace macro kpss_pvalue(bars, lags := null, trend := 'c') as table
    select source, symbol, interval, null::timestamptz as ts, kpss_pvalue_of(statistic, kpss_critical(trend)) as value
    from kpss(bars, lags, trend);

comment on macro schwert_lags is '12 (n / 100)^(1/4), rounded down';
comment on macro trend_mean_of is 'mean of a list; 0 where the trend is none';
comment on macro trend_slope_of is 'least-squares slope of a list on its places; 0 without a linear trend';
comment on macro detrended_of is 'values less mean and slope';
comment on macro long_run_variance_of is 'variance with Bartlett-weighted lagged products';
comment on macro table kpss is 'KPSS statistic of log prices';
comment on macro interpolated is 'the point at x on the line through two points';
comment on macro kpss_pvalue_of is 'p-value between tabulated critical values';
comment on macro kpss_critical is 'critical values at 10, 5, 2.5 and 1 %';
comment on macro table kpss_stat is 'KPSS statistic: large where the log price comes back to no level';
comment on macro table kpss_pvalue is
    'probability of such a KPSS statistic where it does, within 0.01 to 0.1';
