-- Volatility that clusters: a test for it and the model of it. The fits are functions of ours (udfs), not
-- SQL: the plain prompt reads their results from the tables that a build stores.

-- ARCH-LM statistic of log returns: whether squared deviations follow the `lags` before; chi-squared with
-- `lags` degrees of freedom if not. Unit: 1. NULL when constant or short. Source: Engle (1982),
-- Econometrica 50(4).
create or replace macro arch_lm_tests(relation, lags) as table
    select source, symbol, interval, arch_lm(log_returns, lags::bigint).statistic as statistic
    from series_lists(relation);
create or replace macro arch_lm_stat(bars, lags := 5) as table
    select source, symbol, interval, null::timestamptz as ts, statistic as value
    from arch_lm_tests(bars, lags);
create or replace macro arch_lm_pvalue(bars, lags := 5) as table
    select source, symbol, interval, null::timestamptz as ts, chi_squared_sf(statistic, lags) as value
    from arch_lm_tests(bars, lags);

-- Augmented Dickey-Fuller t statistic of log prices with `lags` lagged differences, or with as many, at
-- most `lags`, as have the least AIC (autolag := 'aic'). NULL unless there are more than 2 lags + 10
-- prices. Source: Said and Dickey (1984), Biometrika 71(3).
create or replace macro dickey_fuller_tests(relation, lags_asked, trend_asked, criterion) as table
    with tested as (
        select
            source, symbol, interval,
            dickey_fuller(
                log_prices, coalesce(lags_asked, schwert_lags(len(log_prices)))::bigint,
                checked_choice(trend_asked, ['n', 'c', 'ct', 'ctt'], 'trend'),
                checked_choice(coalesce(lower(criterion::varchar), 'none'), ['none', 'aic'], 'autolag') = 'aic'
            ) as test
        from series_lists(relation)
    )
    select source, symbol, interval, test.statistic as statistic, test.lags::integer as lag_count from tested;
create or replace macro adf_stat(bars, lags := null, trend := 'c', autolag := null) as table
    select source, symbol, interval, null::timestamptz as ts, statistic as value
    from dickey_fuller_tests(bars, lags, trend, autolag);
create or replace macro adf_pvalue(bars, lags := null, trend := 'c', autolag := null) as table
    select
        source, symbol, interval, null::timestamptz as ts,
        mackinnon_pvalue_of(statistic, mackinnon_surface(trend)) as value
    from dickey_fuller_tests(bars, lags, trend, autolag);

-- GARCH(1,1) of 100 times the log returns, constant mean, normal quasi-maximum likelihood: mu in %, omega
-- in % squared, alpha, beta, log likelihood, and the variance of each return. NULL for fewer than 100
-- returns and when constant. Source: Bollerslev (1986), J. Econometrics 31(3).
create or replace macro garch11(relation) as table
    with fitted as (
        select source, symbol, interval, garch11_fit(list_transform(log_returns, lambda r: 100 * r)) as fit
        from series_lists(relation)
    )
    select
        source, symbol, interval,
        fit.mu as mu, fit.omega as omega, fit.alpha as alpha, fit.beta as beta, fit.loglik as loglik,
        fit.alpha + fit.beta as persistence, fit.variance as variances
    from fitted;

-- The variance per bar that the model falls back to, as volatility per year. Unit: 1. NULL where it falls
-- back to none.
create or replace macro garch11_long_run_vol_of(omega, persistence, ppy) as
    case when persistence < 1 then annual_root_of(omega / nullif(1 - persistence, 0), ppy) / 100 end;

create or replace macro garch11_mu(bars) as table
    select source, symbol, interval, null::timestamptz as ts, mu as value from garch11(bars);
create or replace macro garch11_omega(bars) as table
    select source, symbol, interval, null::timestamptz as ts, omega as value from garch11(bars);
create or replace macro garch11_alpha(bars) as table
    select source, symbol, interval, null::timestamptz as ts, alpha as value from garch11(bars);
create or replace macro garch11_beta(bars) as table
    select source, symbol, interval, null::timestamptz as ts, beta as value from garch11(bars);
create or replace macro garch11_loglik(bars) as table
    select source, symbol, interval, null::timestamptz as ts, loglik as value from garch11(bars);
create or replace macro garch11_persistence(bars) as table
    select source, symbol, interval, null::timestamptz as ts, persistence as value from garch11(bars);
create or replace macro garch11_long_run_vol(bars, ppy := null) as table
    with rated as (
        select source, symbol, interval, any_value(coalesce(ppy, periods_per_year)) as bars_per_year
        from query_table(bars)
        group by source, symbol, interval
    )
    select
        source, symbol, interval, null::timestamptz as ts,
        garch11_long_run_vol_of(omega, persistence, bars_per_year) as value
    from garch11(bars) inner join rated using (source, symbol, interval);

-- Volatility of each bar as the fit of the whole sample sees it from the bars before. Unit: 1 (0.2 = 20 % a
-- year). NULL where there is no return. Not a forecast that could have been made then: the parameters know
-- what came later.
create or replace macro garch11_vols(relation, fits, ppy) as table
    with earned as (from with_returns(relation)),
    known as (
        select *, row_index_of((source, symbol, interval), ts) + 1 as place from earned where log_return is not null
    ),
    unrolled as (
        select source, symbol, interval, unnest(variances) as variance, unnest(range(1, len(variances) + 1)) as place
        from query_table(fits)
    ),
    placed as (
        select earned.*, known.place from earned left join known using (source, symbol, interval, ts)
    )
    select
        source, symbol, interval, ts,
        annual_root_of(variance, coalesce(ppy, periods_per_year)) / 100 as value
    from placed left join unrolled using (source, symbol, interval, place);
create or replace macro garch11_vol(bars, ppy := null) as table
    with fitted as (from garch11(bars))
    from garch11_vols(bars, 'fitted', ppy);

comment on macro table arch_lm_tests is 'ARCH-LM statistic of each series';
comment on macro table arch_lm_stat is
    'ARCH-LM statistic: large where the volatility of log returns clusters';
comment on macro table arch_lm_pvalue is 'probability of such a clustering by chance';
comment on macro table dickey_fuller_tests is 'augmented Dickey-Fuller statistic of log prices, and its lags';
comment on macro table adf_stat is
    'augmented Dickey-Fuller t statistic: strongly negative where log prices come back';
comment on macro table adf_pvalue is 'probability of such a t statistic in a random walk';
comment on macro table garch11 is 'GARCH(1,1) fit of log returns in per cent';
comment on macro garch11_long_run_vol_of is 'sqrt(ppy omega / (1 - alpha - beta)) / 100';
comment on macro table garch11_mu is 'mean of the GARCH(1,1) fit, per cent a bar';
comment on macro table garch11_omega is 'constant of the GARCH(1,1) variance, per cent squared';
comment on macro table garch11_alpha is 'what a squared shock adds to the next GARCH(1,1) variance';
comment on macro table garch11_beta is 'what of a GARCH(1,1) variance is left a bar later';
comment on macro table garch11_loglik is 'log likelihood of the GARCH(1,1) fit';
comment on macro table garch11_persistence is 'alpha + beta of the GARCH(1,1) fit';
comment on macro table garch11_long_run_vol is 'volatility that the GARCH(1,1) fit falls back to, annualised';
comment on macro table garch11_vols is 'volatility of each bar by fits that are there, annualised';
comment on macro table garch11_vol is
    'volatility of each bar by the GARCH(1,1) fit of the whole sample, annualised';
