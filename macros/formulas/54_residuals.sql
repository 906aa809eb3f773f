-- What the benchmark does not explain: the residuals of the line through excess returns, and how sure its
-- alpha is.

-- Pairs with bar_alpha, bar_beta and residual: excess return less what the line gives.
create or replace macro benchmark_residuals(relation, benchmark, rate, ppy) as table
    with lines as (
        select
            source, symbol, interval,
            jensen_alpha(excess_return, benchmark_excess_return, 1) as bar_alpha,
            beta(excess_return, benchmark_excess_return) as bar_beta
        from benchmark_pairs(relation, benchmark, rate, ppy)
        group by source, symbol, interval
    )
    select *, excess_return - bar_alpha - bar_beta * benchmark_excess_return as residual
    from benchmark_pairs(relation, benchmark, rate, ppy)
    join lines using (source, symbol, interval);

-- Standard error of the regression (divisor n - 2), annualised. Unit: 1. NULL for fewer than three pairs; 0
-- where the residuals are only rounding.
create or replace macro idiosyncratic_vol_of(residual, excess_return, ppy) as
    case when count(residual) > 2
         then case when sum(residual * residual) <= 1e-24 * var_pop(excess_return) * count(residual) then 0.0::double
                   else annualise(sqrt(sum(residual * residual) / nullif(count(residual) - 2, 0)), ppy) end end;
create or replace macro idiosyncratic_vol(bars, benchmark, rf := 0.0, ppy := null) as table
    select
        source, symbol, interval, null::timestamptz as ts,
        idiosyncratic_vol_of(residual, excess_return, any_value(bars_per_year)) as value
    from benchmark_residuals(bars, benchmark, rf, ppy)
    group by source, symbol, interval;

-- Alpha per unit of idiosyncratic volatility, both per year. Unit: 1. NULL where there is none.
-- Source: Treynor and Black (1973), J. Business 46(1).
create or replace macro appraisal_ratio_of(annual_alpha, annual_idiosyncratic_vol) as
    ratio_of(annual_alpha, annual_idiosyncratic_vol);
create or replace macro appraisal_ratio(bars, benchmark, rf := 0.0, ppy := null) as table
    select
        source, symbol, interval, null::timestamptz as ts,
        appraisal_ratio_of(
            any_value(bar_alpha * bars_per_year),
            idiosyncratic_vol_of(residual, excess_return, any_value(bars_per_year))
        ) as value
    from benchmark_residuals(bars, benchmark, rf, ppy)
    group by source, symbol, interval;

-- The lags that n observations bear. Source: Newey and West (1994), Review of Economic Studies 61(4).
create or replace macro newey_west_lags(n) as floor(4 * pow(n / 100.0::double, 2.0::double / 9))::bigint;

-- t value of Jensen's alpha that stands serial correlation and changing variance of the residuals (no
-- small-sample correction). alpha_t_hac without `lags` takes as many as the observations bear. Unit: 1. NULL
-- without residuals. Source: Newey and West (1987).
create or replace macro alpha_t_hac_of(bar_alpha, scores, lags) as
    ratio_of(bar_alpha, sqrt(greatest(long_run_square(scores, lags), 0.0::double)));
create or replace macro alpha_t_hac(bars, benchmark, rf := 0.0, ppy := null, lags := null) as table
    with residuals as (from benchmark_residuals(bars, benchmark, rf, ppy) where residual is not null),
    designs as (
        select
            source, symbol, interval,
            count(*) as count_pairs,
            avg(benchmark_excess_return) as mean_benchmark,
            regr_sxx(residual, benchmark_excess_return) as benchmark_squares,
            idiosyncratic_vol_of(residual, excess_return, 1) as bar_idiosyncratic_vol
        from residuals
        group by source, symbol, interval
    ),
    scored as (
        select
            *,
            residual * (
                1.0::double / nullif(count_pairs, 0)
                - mean_benchmark * (benchmark_excess_return - mean_benchmark) / nullif(benchmark_squares, 0)
            ) as score
        from residuals
        join designs using (source, symbol, interval)
    ),
    fitted as (
        select
            source, symbol, interval,
            any_value(bar_alpha) as bar_alpha,
            case when any_value(bar_idiosyncratic_vol) > 0 then list(score order by ts) end as scores
        from scored
        group by source, symbol, interval
    )
    select
        source, symbol, interval, null::timestamptz as ts,
        alpha_t_hac_of(bar_alpha, scores, coalesce(lags, newey_west_lags(len(scores)))) as value
    from priced_series(bars)
    left join fitted using (source, symbol, interval);

comment on macro table benchmark_residuals is
    'pairs of returns with alpha and beta of their line, and the residual';
comment on macro idiosyncratic_vol_of is 'standard error of a regression from its residuals, annualised';
comment on macro table idiosyncratic_vol is 'standard error of the regression on the benchmark, annualised';
comment on macro appraisal_ratio_of is 'alpha over idiosyncratic volatility';
comment on macro table appraisal_ratio is 'Jensen''s alpha over idiosyncratic volatility';
comment on macro newey_west_lags is 'floor(4 (n / 100)^(2/9))';
comment on macro alpha_t_hac_of is 'alpha over the root of the long-run square of its scores';
comment on macro table alpha_t_hac is 't value of Jensen''s alpha by Newey and West';
