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

-- Weights of the portfolio of least variance, short sales allowed. Unit: 1; they sum to 1.
-- Source: Merton (1972), J. Financial and Quantitative Analysis 7(4).
create or replace macro min_variance_weight(bars) as table
    with solved as (
        select interval, unnest(names) as name, unnest(min_variance_weights(returns).values) as value
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

comment on macro table return_matrix_of is 'the returns of all members, a list each, per interval';
comment on macro table pca_explained is 'share of variance that each principal component explains';
comment on macro table min_variance_weight is 'weights of the portfolio of least variance';
comment on macro table kelly_multi is 'leverages of most growth for members held together';
