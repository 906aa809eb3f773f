-- How much of one's wealth to stake on a series. Unit: share of wealth; above 1 is borrowed, below 0 is
-- short.

-- Of a bet that wins with the win rate and pays the payoff ratio. NULL without wins and losses.
-- Source: Kelly (1956), Bell System Technical J. 35(4).
create or replace macro kelly_discrete_of(p_win, payoff) as p_win - ratio_of(1 - p_win, payoff);
create or replace macro kelly_discrete(bars) as table
    select
        source, symbol, interval, null::timestamptz as ts,
        kelly_discrete_of(win_rate(simple_return), payoff_ratio(simple_return)) as value
    from with_returns(bars)
    group by source, symbol, interval;

-- Of returns that are small and many: mean excess return over variance. NULL when constant.
-- Source: Thorp (2006), Handbook of Asset and Liability Management, ch. 9.
create or replace macro kelly_continuous_of(mean_excess, deviation) as
    case when is_moving(deviation) then ratio_of(ratio_of(mean_excess, deviation), deviation) end;
create or replace macro kelly_continuous(bars, rf := 0.0, ppy := null) as table
    select
        source, symbol, interval, null::timestamptz as ts,
        kelly_continuous_of(avg(excess_return), sample_std(excess_return)) as value
    from excess_returns(bars, rf, ppy)
    group by source, symbol, interval;

-- The stake f whose mean log growth ln(1 + rf + f (r - rf)) is greatest: the root of its derivative by f,
-- which falls all the way. Halved sixty times between -5 and 0.9 over the worst loss; the bound where no root
-- lies between (and no further short than 0.9 over the best gain, where the growth of a short stake ends,
-- too). `excess` is a list of r - rf, `bar_rate` rf per bar.
create or replace macro log_growth_slope(excess, bar_rate, f) as
    list_sum(list_transform(excess, lambda x: x / nullif(1 + bar_rate + f * x, 0)));
create or replace macro kelly_root(excess, bar_rate, low, high) as
    list_reduce(
        list_transform(range(2, 62), lambda k: (high - low) * pow(0.5::double, k)),
        lambda f, step: f + sign(log_growth_slope(excess, bar_rate, f)) * step,
        (low + high) / 2
    );
create or replace macro kelly_exact_log_of(excess, bar_rate, worst, best) as
    case when worst < 0
         then kelly_root(
             excess, bar_rate,
             greatest(-5.0::double, case when best > 0.18 then -0.9 / nullif(best, 0) end),
             0.9 / nullif(abs(worst), 0)
         ) end;
create or replace macro kelly_exact_log(bars, rf := 0.0, ppy := null) as table
    with samples as (
        select
            source, symbol, interval,
            list(excess_return order by ts) filter (excess_return is not null) as excess,
            case when rf = 0 then 0.0::double else rate_per_period(rf, any_value(bars_per_year)) end as bar_rate,
            min(simple_return) as worst,
            max(simple_return) as best
        from excess_returns(bars, rf, ppy)
        group by source, symbol, interval
    )
    select
        source, symbol, interval, null::timestamptz as ts,
        kelly_exact_log_of(excess, bar_rate, worst, best) as value
    from samples;

comment on macro kelly_discrete_of is 'win rate less loss rate over payoff ratio';
comment on macro table kelly_discrete is 'stake on a bet with the win rate and the payoff ratio of the bars';
comment on macro kelly_continuous_of is 'mean excess return over variance';
comment on macro table kelly_continuous is 'mean excess return over variance, per bar';
comment on macro log_growth_slope is 'derivative of the sum of log growth by the stake';
comment on macro kelly_root is 'stake at which the derivative of log growth changes sign';
comment on macro kelly_exact_log_of is 'stake of the greatest mean log growth, within bounds';
comment on macro table kelly_exact_log is 'stake of the greatest mean log growth over these bars';
