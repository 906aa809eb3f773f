-- Performance of simple returns r. `ppy` bars per year; rates are effective per year; ratios are
-- annualised.

-- Compound return of the whole sample. Unit: 1. NULL without returns.
create or replace macro total_return(r) as finite_or_null(product(1 + r)) - 1;

-- Compound annual growth rate from n bars: (prod(1 + r))^(ppy / n) - 1. Unit: 1 per year; -1 after
-- a total loss, NULL below one or where it is no finite number.
create or replace macro cagr_of(total, n, ppy) as
    power_or_null(1 + total, ppy / nullif(n, 0)) - 1;
create or replace macro cagr(r, ppy) as cagr_of(total_return(r), count(r), ppy);

-- Sample standard deviation of simple returns, annualised. Unit: 1.
create or replace macro annual_vol(r, ppy) as annualise(sample_std(r), ppy);

-- Sharpe ratio of excess returns, annualised. Unit: 1. NULL when all returns are equal or history
-- is short.
-- Source: Sharpe (1994), J. Portfolio Management 21(1).
create or replace macro sharpe_of(mu, deviation, ppy) as
    finite_or_null(ratio_of(mu, deviation) * sqrt(ppy));
create or replace macro sharpe(excess_return, ppy) as
    sharpe_of(avg(excess_return), sample_std(excess_return), ppy);
create or replace macro roll_sharpe(excess_return, n, ppy, series, ts) as
    sharpe_of(roll_avg(excess_return, n, series, ts), roll_std(excess_return, n, series, ts), ppy);

-- Standard error of the annualised Sharpe ratio for independent returns. Unit: 1. Source: Lo
-- (2002), FAJ 58(4), eq. 9.
create or replace macro sharpe_se_of(annual_sharpe, n, ppy) as
    finite_or_null(sqrt((ppy + pow(annual_sharpe, 2) / 2) / nullif(n, 0)));
create or replace macro sharpe_se(excess_return, ppy) as
    sharpe_se_of(sharpe(excess_return, ppy), count(excess_return), ppy);

-- Target downside deviation: root mean square of returns below the target, all bars counted,
-- annualised. Unit: 1.
-- The target is the risk-free rate, so that excess returns below 0 fall short of it.
-- Source: Sortino and van der Meer (1991), JPM 17(4).
create or replace macro squared_shortfall_of(excess_return) as
    case when excess_return < 0 then excess_return * excess_return when excess_return >= 0 then 0.0::double end;
create or replace macro downside_deviation(excess_return, ppy) as
    annualise(sqrt(avg(squared_shortfall_of(excess_return))), ppy);
create or replace macro roll_downside_deviation(excess_return, n, ppy, series, ts) as
    annualise(sqrt(roll_avg(squared_shortfall_of(excess_return), n, series, ts)), ppy);

-- Sortino ratio, annualised. Unit: 1. NULL when no return falls short of the target. Source: as
-- above.
create or replace macro sortino_of(mu, annual_downside, ppy) as
    ratio_of(mu * ppy, annual_downside);
create or replace macro sortino(excess_return, ppy) as
    sortino_of(avg(excess_return), downside_deviation(excess_return, ppy), ppy);
create or replace macro roll_sortino(excess_return, n, ppy, series, ts) as
    sortino_of(
        roll_avg(excess_return, n, series, ts),
        roll_downside_deviation(excess_return, n, ppy, series, ts), ppy
    );

-- Calmar ratio: growth per unit of the worst drawdown, whole sample. Unit: 1. NULL without a
-- drawdown.
-- Source: Young (1991), Futures 20(1).
create or replace macro calmar_of(growth, worst_drawdown) as
    ratio_of(growth, abs(worst_drawdown));

-- Share of the bars that moved which rose. Unit: 1, 0 to 1. NULL when none moved.
create or replace macro win_rate_of(count_wins, count_losses) as
    count_wins / nullif(count_wins + count_losses, 0);
create or replace macro win_rate(r) as win_rate_of(count_if(r > 0), count_if(r < 0));
create or replace macro roll_win_rate(r, n, series, ts) as
    win_rate_of(roll_sum((r > 0)::integer, n, series, ts), roll_sum((r < 0)::integer, n, series, ts));

comment on macro total_return is 'product of (1 + return), less 1';
comment on macro cagr_of is 'annual growth rate of a total return earned in n bars';
comment on macro cagr is 'compound annual growth rate';
comment on macro annual_vol is 'sample standard deviation of simple returns, annualised';
comment on macro sharpe_of is 'mean over deviation, annualised by sqrt(ppy); NULL if the deviation is 0';
comment on macro sharpe is 'mean excess return per unit of sample standard deviation, annualised by sqrt(ppy)';
comment on macro roll_sharpe is 'Sharpe ratio of the last n bars';
comment on macro sharpe_se_of is 'standard error of an annualised Sharpe ratio of n independent returns';
comment on macro sharpe_se is 'standard error of the annualised Sharpe ratio, independent returns';
comment on macro squared_shortfall_of is 'square of a negative excess return, else 0';
comment on macro downside_deviation is 'root mean square of the returns below target, annualised';
comment on macro roll_downside_deviation is 'downside deviation of the last n bars';
comment on macro sortino_of is 'mean excess return per year over annual downside deviation';
comment on macro sortino is 'mean excess return per unit of downside deviation, annualised';
comment on macro roll_sortino is 'Sortino ratio of the last n bars';
comment on macro calmar_of is 'annual growth over the depth of the worst drawdown';
comment on macro win_rate_of is 'wins / (wins + losses)';
comment on macro win_rate is 'share of the moving bars that rose';
comment on macro roll_win_rate is 'share of the moving bars among the last n that rose';
