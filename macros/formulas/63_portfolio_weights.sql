-- Weights that solve a matrix, and its spectrum: over the bars at which every symbol of the relation has a
-- return. NULL where the covariance matrix cannot be inverted: too few bars, a constant member, two that move
-- as one.

-- One row per interval: the members by name, and the list of each one's returns in the order of time.
create or replace macro return_matrix_of(relation) as table
    with members as (
        select
            source, symbol, interval, any_value(periods_per_year) as periods_per_year,
            list(simple_return order by ts) as returns
        from members_of(relation, map([]::varchar[], []::double[]))
        where portfolio_return is not null
        group by source, symbol, interval
    )
    select
        interval, any_value(periods_per_year) as periods_per_year, common_source(source) as source,
        list({'source': source, 'symbol': symbol} order by source, symbol) as names,
        list(returns order by source, symbol) as returns
    from members
    group by interval;

-- Share of variance that each principal component of the correlation matrix explains, k = 1 the largest.
-- Unit: 1; they sum to 1. Source: Jolliffe (2002), Principal Component Analysis, ch. 2.
create or replace macro pca_explained(bars) as table
    with solved as (
        select *, explained_shares(returns).values as shares from return_matrix_of(bars)
    )
    select
        source, 'portfolio' as symbol, interval, null::timestamptz as ts,
        generate_subscripts(shares, 1) as k, unnest(shares) as value
    from solved;

-- What each member weighs in each principal component of the correlation matrix (k = 1 explains most): unit
-- eigenvectors, the sign so that the greatest in size is positive. Unit: 1; the squares of a component sum to 1.
-- Two components that explain the same are known only together. Source: Jolliffe (2002), Principal Component
-- Analysis, ch. 2.
create or replace macro pca_loading(bars) as table
    with solved as (
        select interval, names, principal_loadings(returns).values as loadings from return_matrix_of(bars)
    ),
    components as (
        select interval, names, generate_subscripts(loadings, 1) as k, unnest(loadings) as loadings from solved
    ),
    members as (
        select interval, k, unnest(names) as name, unnest(loadings) as value from components
    )
    select name.source, name.symbol, interval, null::timestamptz as ts, k, value from members;

-- Which covariance matrix: the sample's, or Ledoit and Wolf's with one of their two targets (68).
create or replace macro covariance_named(covariance) as
    case when covariance in ('sample', 'constant_correlation', 'identity') then covariance
         else error('covariance is sample, constant_correlation or identity') end;

-- Weights of the portfolio of least variance, short sales allowed. Unit: 1; they sum to 1.
-- Source: Merton (1972), J. Financial and Quantitative Analysis 7(4).
create or replace macro min_variance_weight(bars, covariance := 'sample') as table
    with solved as (
        select
            interval, unnest(names) as name,
            unnest(min_variance_weights(returns, covariance_named(covariance)).values) as value
        from return_matrix_of(bars)
    )
    select name.source, name.symbol, interval, null::timestamptz as ts, value from solved;

-- Weights above 0 with which every member adds the same to the portfolio's volatility. Unit: 1; they sum to 1.
-- Sources: Maillard, Roncalli and Teiletche (2010), J. Portfolio Management 36(4); Spinu (2013), SSRN 2297383.
create or replace macro risk_parity_weight(bars, covariance := 'sample') as table
    with solved as (
        select
            interval, unnest(names) as name,
            unnest(risk_parity_weights(returns, covariance_named(covariance)).values) as value
        from return_matrix_of(bars)
    )
    select name.source, name.symbol, interval, null::timestamptz as ts, value from solved;

-- Weights of the greatest Sharpe ratio, short sales allowed: inv(S) (mean - rf), over its sum. Unit: 1; they sum
-- to 1. NULL unless that sum is positive: where the portfolio of least variance earns no more than rf, no
-- portfolio is best. rf: effective per year. Source: Tobin (1958), Review of Economic Studies 25(2).
create or replace macro max_sharpe_weight(bars, rf := 0.0, covariance := 'sample', ppy := null) as table
    with solved as (
        select
            interval, unnest(names) as name,
            unnest(max_sharpe_weights(
                returns, rate_per_period(rf, coalesce(ppy, periods_per_year)), covariance_named(covariance)
            ).values) as value
        from return_matrix_of(bars)
    )
    select name.source, name.symbol, interval, null::timestamptz as ts, value from solved;

-- Kelly's leverage of each of several members held together: inv(S) (mean - rf). Unit: multiples of the
-- capital; negative is short. rf: effective per year. Source: Thorp (2006), Handbook of Asset and Liability
-- Management 1, sec. 7.
create or replace macro kelly_multi(bars, rf := 0.0, ppy := null) as table
    with solved as (
        select
            interval, unnest(names) as name,
            unnest(growth_weights(returns, rate_per_period(rf, coalesce(ppy, periods_per_year))).values) as value
        from return_matrix_of(bars)
    )
    select name.source, name.symbol, interval, null::timestamptz as ts, value from solved;

-- All of these at once, for models: the matrix is made once.
create or replace macro theoretical_weights(relation, rf) as table
    with matrices as materialized (
        from return_matrix_of(relation)
    ),
    solved as (
        select
            interval, unnest(names) as name,
            unnest(min_variance_weights(returns, 'sample').values) as min_variance_weight,
            unnest(min_variance_weights(returns, 'constant_correlation').values) as min_variance_ledoit_wolf,
            unnest(risk_parity_weights(returns, 'sample').values) as risk_parity_weight,
            unnest(max_sharpe_weights(returns, rate_per_period(rf, periods_per_year), 'sample').values)
                as max_sharpe_weight,
            unnest(growth_weights(returns, rate_per_period(rf, periods_per_year)).values) as kelly_multi
        from matrices
    )
    select interval, name.source, name.symbol, solved.* exclude (interval, name) from solved;

comment on macro table theoretical_weights is 'weights of every member by each of these methods';
comment on macro table return_matrix_of is 'the returns of all members, a list each, per interval';
comment on macro table pca_explained is 'share of variance that each principal component explains';
comment on macro table pca_loading is 'what each member weighs in each principal component';
comment on macro covariance_named is 'sample, constant_correlation or identity; anything else is an error';
comment on macro table risk_parity_weight is 'weights with which every member adds the same to the volatility';
comment on macro table max_sharpe_weight is 'weights of the portfolio with the greatest Sharpe ratio';
comment on macro table min_variance_weight is 'weights of the portfolio of least variance';
comment on macro table kelly_multi is 'leverages of most growth for members held together';
