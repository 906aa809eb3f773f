-- Where a return comes from. What is linked over time here takes a relation of what was held, one row per
-- member and bar: source, symbol, interval, ts, weight (at the bar's start), simple_return, portfolio_return.
-- The weights may drift or be restored; members_of gives such rows, and so do the stored weights.

-- ln(1 + r) / r, which shares out a compound return; 1 for 0. 1 + r is rounded, and both ln and the
-- denominator take what it became, so that no digit is lost near 0. NULL from a total loss on.
-- Sources: Carino (1999), J. Performance Measurement 3(4); Goldberg (1991), ACM Computing Surveys 23(1), th. 4.
create or replace macro carino_factor_of(r) as
    case when 1 + r = 1 then 1.0::double when 1 + r > 0 then ln_or_null(1 + r) / ((1 + r) - 1) end;

-- What each member of `held` added to the total return: sum of k_t w_t r_t over K, k and K the factors of the
-- bar's and of the total return. They sum to it. Unit: 1. NULL where the portfolio once lost all.
create or replace macro linked_contributions(held) as table
    select
        source, symbol, interval,
        case when min(portfolio_return) > -1
             then sum(carino_factor_of(portfolio_return) * weight * simple_return)
                 / nullif(carino_factor_of(total_return(portfolio_return)), 0) end as value
    from query_table(held)
    where portfolio_return is not null
    group by source, symbol, interval;

-- What each member added to the total return of weights restored at every bar, linked by Carino's logarithms,
-- so that they sum to it. Unit: 1. NULL where the portfolio once lost all. Source: Carino (1999), J.
-- Performance Measurement 3(4).
create or replace macro contribution_carino(bars, weights := map([]::varchar[], []::double[])) as table
    with restored as (
        from members_of(bars, weights)
    )
    select source, symbol, interval, null::timestamptz as ts, value from linked_contributions('restored');

comment on macro carino_factor_of is 'ln(1 + r) / r; 1 for 0';
comment on macro table linked_contributions is 'what each member held added to the total return; they sum to it';
comment on macro table contribution_carino is 'what each member added to the total return; they sum to it';
