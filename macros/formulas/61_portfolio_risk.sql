-- Risk of a portfolio of all the symbols of a relation of bars, over the bars at which every member has a
-- return. Weights are restored at every bar: equal, unless `weights` tells them, `weights := map {'SPY': 0.6,
-- 'TLT': 0.4}`.

-- Volatility of the portfolio, annualised: the root of w' S w, S the sample covariance of simple returns,
-- which is the deviation of the portfolio's own returns. Unit: 1. Source: Markowitz (1952), J. Finance 7(1).
create or replace macro portfolio_vol(bars, ppy := null, weights := map([]::varchar[], []::double[])) as table
    with days as (
        select
            common_source(source) as source, interval, ts, any_value(portfolio_return) as r,
            any_value(periods_per_year) as periods_per_year
        from members_of(bars, weights)
        group by interval, ts
    )
    select
        any_value(source) as source, 'portfolio' as symbol, interval, null::timestamptz as ts,
        annualise(sample_std(r), coalesce(ppy, any_value(periods_per_year))) as value
    from days
    group by interval;

-- What each member adds to the portfolio's volatility: w_i (S w)_i / deviation, annualised; they sum to
-- portfolio_vol. Unit: 1. NULL without volatility. Source: Litterman (1996), Hot Spots and Hedges, J.
-- Portfolio Management.
create or replace macro risk_contribution_of(weight, covariance, deviation, ppy) as
    annualise(ratio_of(weight * covariance, deviation), ppy);
create or replace macro risk_contribution(bars, ppy := null, weights := map([]::varchar[], []::double[])) as table
    select
        source, symbol, interval, null::timestamptz as ts,
        risk_contribution_of(
            any_value(weight), covar_samp(simple_return, portfolio_return), sample_std(portfolio_return),
            coalesce(ppy, any_value(periods_per_year))
        ) as value
    from members_of(bars, weights)
    where portfolio_return is not null
    group by source, symbol, interval;

-- Weighted mean of the members' deviations over the portfolio's: how much diversification removes. Unit: 1,
-- at least 1 for weights that are not negative. NULL without volatility. Source: Choueifaty and Coignard
-- (2008), JPM 35(1).
create or replace macro diversification_ratio(bars, weights := map([]::varchar[], []::double[])) as table
    with deviations as (
        select
            source, interval, any_value(weight) as weight, sample_std(simple_return) as deviation,
            sample_std(portfolio_return) as portfolio_deviation
        from members_of(bars, weights)
        where portfolio_return is not null
        group by source, symbol, interval
    )
    select
        common_source(source) as source, 'portfolio' as symbol, interval, null::timestamptz as ts,
        ratio_of(sum(weight * deviation), any_value(portfolio_deviation)) as value
    from deviations
    group by interval;

-- Effective number of holdings: one over the sum of squared weights (Herfindahl-Hirschman). Unit: holdings;
-- with equal weights the number of members. Source: Woerheide and Persson (1993), Financial Services Review
-- 2(2).
create or replace macro effective_bets_hhi(bars, weights := map([]::varchar[], []::double[])) as table
    with weighted as (
        select distinct source, symbol, interval, weight from members_of(bars, weights)
    )
    select
        common_source(source) as source, 'portfolio' as symbol, interval, null::timestamptz as ts,
        ratio_of(1.0::double, sum(weight * weight)) as value
    from weighted
    group by interval;

comment on macro table portfolio_vol is 'standard deviation of the portfolio''s returns, annualised';
comment on macro risk_contribution_of is 'weight times covariance with the portfolio over its deviation, annualised';
comment on macro table risk_contribution is 'what each member adds to portfolio_vol; they sum to it';
comment on macro table diversification_ratio is 'weighted mean deviation of the members over the portfolio''s';
comment on macro table effective_bets_hhi is 'one over the sum of squared weights';
