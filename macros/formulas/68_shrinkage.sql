-- Covariance of the members of a relation of bars as Ledoit and Wolf estimate it: the sample's (divided by the
-- number of returns, as in their papers) drawn to a target that is surely wrong and hardly uncertain, just as far
-- as lessens the expected error. target: 'constant_correlation', the sample's variances with its mean correlation,
-- or 'identity', the mean variance without correlation.
-- Sources: Ledoit and Wolf (2004), J. Portfolio Management 30(4); for 'identity' (2004), J. Multivariate Analysis
-- 88(2).
create or replace macro shrinkage_target_named(target) as
    case when target in ('constant_correlation', 'identity') then target
         else error('target is constant_correlation or identity') end;
create or replace macro ledoit_wolf_fit(relation, target) as table
    select *, ledoit_wolf(returns, shrinkage_target_named(target)) as fit from return_matrix_of(relation);

-- How much of the estimate is the target: 0 is the sample alone. Unit: 1, 0 to 1. NULL below two returns, and
-- for constant correlation where a member is constant.
-- Source: Ledoit and Wolf (2004), J. Portfolio Management 30(4).
create or replace macro ledoit_wolf_shrinkage(bars, target := 'constant_correlation') as table
    select source, 'portfolio' as symbol, interval, null::timestamptz as ts, fit.shrinkage as value
    from ledoit_wolf_fit(bars, target);

-- The covariance of each pair, in both orders, and the variance of each member (a = b), per year. Unit: 1 per
-- year. NULL as above. Source: Ledoit and Wolf (2004), J. Portfolio Management 30(4).
create or replace macro ledoit_wolf_covariance(bars, target := 'constant_correlation', ppy := null) as table
    with matrices as (
        select
            interval, names, coalesce(ppy, periods_per_year) as periods_per_year,
            unnest(names) as name, unnest(fit.covariance) as covariances
        from ledoit_wolf_fit(bars, target)
    ),
    pairs as (
        select interval, periods_per_year, name, unnest(names) as other, unnest(covariances) as covariance
        from matrices
    )
    select
        name.source, name.symbol, interval, null::timestamptz as ts, name.symbol as a, other.symbol as b,
        covariance * periods_per_year as value
    from pairs;

comment on macro shrinkage_target_named is 'constant_correlation or identity; anything else is an error';
comment on macro table ledoit_wolf_fit is 'shrunk covariance matrix of all members, per interval';
comment on macro table ledoit_wolf_shrinkage is 'share of the target in Ledoit and Wolf''s covariance';
comment on macro table ledoit_wolf_covariance is 'Ledoit and Wolf''s covariance of each pair, per year';
