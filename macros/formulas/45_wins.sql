-- Wins and losses: bars that rose and bars that fell, counted and summed. No annualisation.

-- Share of the bars that moved which rose. Unit: 1, 0 to 1. NULL when none moved.
create or replace macro win_rate_of(count_wins, count_losses) as
    count_wins / nullif(count_wins + count_losses, 0);
create or replace macro win_rate(r) as win_rate_of(count_if(r > 0), count_if(r < 0));
create or replace macro roll_win_rate(r, n, series, ts) as
    win_rate_of(roll_sum((r > 0)::integer, n, series, ts), roll_sum((r < 0)::integer, n, series, ts));

create or replace macro win_rate(bars) as table
    select source, symbol, interval, null::timestamptz as ts, win_rate(simple_return) as value
    from with_returns(bars)
    group by source, symbol, interval;
create or replace macro rolling_win_rate(bars, n := 252) as table
    select
        source, symbol, interval, ts, roll_win_rate(simple_return, n, (source, symbol, interval), ts) as value
    from with_returns(bars);

-- Bars that fell. Unit: count. NULL without returns. It stands beside the ratios that are NULL when it is 0.
create or replace macro n_losses(r) as case when count(r) > 0 then count_if(r < 0) end;
create or replace macro n_losses(bars) as table
    select source, symbol, interval, null::timestamptz as ts, n_losses(simple_return)::double as value
    from with_returns(bars)
    group by source, symbol, interval;

-- All that was won over all that was lost. Unit: 1. NULL without a loss. Source: quantstats.
create or replace macro profit_factor_of(gains, losses) as ratio_of(gains, abs(losses));
create or replace macro profit_factor(r) as profit_factor_of(sum(positive_part_of(r)), sum(positive_part_of(-r)));
create or replace macro profit_factor(bars) as table
    select source, symbol, interval, null::timestamptz as ts, profit_factor(simple_return) as value
    from with_returns(bars)
    group by source, symbol, interval;

-- The mean win over the mean loss. Unit: 1. NULL without both.
create or replace macro payoff_ratio_of(mean_win, mean_loss) as ratio_of(mean_win, abs(mean_loss));
create or replace macro payoff_ratio(r) as
    payoff_ratio_of(avg(case when r > 0 then r end), avg(case when r < 0 then r end));
create or replace macro payoff_ratio(bars) as table
    select source, symbol, interval, null::timestamptz as ts, payoff_ratio(simple_return) as value
    from with_returns(bars)
    group by source, symbol, interval;

-- The sum of all returns over the sum of the losses. Unit: 1. NULL without a loss.
-- Source: Schwager (2012), Hedge Fund Market Wizards, app. A.
create or replace macro gain_to_pain_of(sum_returns, losses) as ratio_of(sum_returns, abs(losses));
create or replace macro gain_to_pain(r) as gain_to_pain_of(sum(r), sum(positive_part_of(-r)));
create or replace macro gain_to_pain_per_bar(bars) as table
    select source, symbol, interval, null::timestamptz as ts, gain_to_pain(simple_return) as value
    from with_returns(bars)
    group by source, symbol, interval;
create or replace macro gain_to_pain(bars) as table from gain_to_pain_per_bar(bars);

-- The same of the compound returns of calendar months (UTC), as Schwager has it; the first and the last may
-- be cut short.
create or replace macro gain_to_pain_monthly(bars) as table
    with months as (
        select source, symbol, interval, total_return(simple_return) as month_return
        from with_returns(bars)
        group by source, symbol, interval, date_trunc('month', ts at time zone 'UTC')
    )
    select source, symbol, interval, null::timestamptz as ts, gain_to_pain(month_return) as value
    from months
    group by source, symbol, interval;

-- The larger tail: what is exceeded once in 1 / (1 - q) bars, above over below. Unit: 1.
create or replace macro tail_ratio_of(upper_quantile, lower_quantile) as
    ratio_of(abs(upper_quantile), abs(lower_quantile));
create or replace macro tail_ratio(r, q) as
    case when is_share(q, 'q')
         then tail_ratio_of(quantile_cont(r, 1 - tail_share_of(q)), quantile_cont(r, tail_share_of(q))) end;
create or replace macro tail_ratio(bars, q := 0.95) as table
    select source, symbol, interval, null::timestamptz as ts, tail_ratio(simple_return, q) as value
    from with_returns(bars)
    group by source, symbol, interval;

comment on macro win_rate_of is 'wins / (wins + losses)';
comment on macro win_rate is 'share of the moving bars that rose';
comment on macro table win_rate is 'share of the moving bars that rose';
comment on macro roll_win_rate is 'share of the moving bars among the last n that rose';
comment on macro table rolling_win_rate is 'share of the moving bars among the last n that rose';
comment on macro n_losses is 'returns below 0; NULL without returns';
comment on macro table n_losses is 'bars that fell';
comment on macro profit_factor_of is 'gains over losses';
comment on macro profit_factor is 'sum of the gains over the sum of the losses';
comment on macro table profit_factor is 'sum of the gains over the sum of the losses';
comment on macro payoff_ratio_of is 'mean win over mean loss';
comment on macro payoff_ratio is 'mean win over mean loss';
comment on macro table payoff_ratio is 'mean gain of a bar that rose over mean loss of a bar that fell';
comment on macro gain_to_pain_of is 'sum of the returns over the sum of the losses';
comment on macro gain_to_pain is 'sum of the returns over the sum of the losses';
comment on macro table gain_to_pain_per_bar is 'sum of the returns over the sum of the losses, bar by bar';
comment on macro table gain_to_pain is 'sum of the returns over the sum of the losses, bar by bar';
comment on macro table gain_to_pain_monthly is 'sum of the monthly returns over the sum of the losing months';
comment on macro tail_ratio_of is 'upper over lower quantile, without signs';
comment on macro tail_ratio is 'quantile q over quantile 1 - q of the returns, without signs';
comment on macro table tail_ratio is 'quantile q over quantile 1 - q of the returns, without signs';
