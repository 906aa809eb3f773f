-- What is asked of a portfolio of all the symbols of a relation of bars. Its weights are equal unless
-- `weights` tells them, `weights := map {'SPY': 0.6, 'TLT': 0.4}`, negative is short; or in inverse
-- proportion to the deviation of the last `volatility_window` returns. They are restored at the end of
-- every 'bar', or of the last one of a period of `rebalance`: 'daily', 'weekly', 'monthly', 'quarterly',
-- 'yearly'; 'never' lets them drift.

-- Return by bar. Unit: 1, at least -1. NULL on the first bar and once all is lost. Source: Bacon (2008),
-- Practical Portfolio Performance Measurement and Attribution, ch. 2.
create or replace macro portfolio_return(
    bars, weights := map([]::varchar[], []::double[]), rebalance := 'bar', volatility_window := null
) as table
    with ruled as (from ruled_members(bars, weights, rebalance, volatility_window)),
    path as (from portfolio_path('ruled'))
    select source, 'portfolio' as symbol, interval, ts, portfolio_return as value from portfolio_days('path');

-- Share of each member at the end of a bar, before any rebalancing. Unit: 1; they sum to 1 if the weights
-- do.
create or replace macro portfolio_weight(
    bars, weights := map([]::varchar[], []::double[]), rebalance := 'bar', volatility_window := null
) as table
    with ruled as (from ruled_members(bars, weights, rebalance, volatility_window))
    select source, symbol, interval, ts, drifted_weight as value from portfolio_path('ruled');

-- What must change hands to restore the weights, one way: half the sum of |target - drifted weight|, dated
-- on the bar whose returns made them drift. Unit: 1 of the portfolio's value; 0 on a bar without
-- rebalancing.
create or replace macro turnover(
    bars, weights := map([]::varchar[], []::double[]), rebalance := 'bar', volatility_window := null
) as table
    with ruled as (from ruled_members(bars, weights, rebalance, volatility_window)),
    path as (from portfolio_path('ruled'))
    select source, 'portfolio' as symbol, interval, ts, turnover as value from portfolio_days('path');

comment on macro table portfolio_return is 'return by bar of weights that drift between rebalancings';
comment on macro table portfolio_weight is 'share of each member at the end of a bar';
comment on macro table turnover is 'half the sum of weight changes that restore the weights after a bar';
