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

-- What a stake of returns that are small and many leads one to expect: log growth of wealth per year, the rest of
-- it lent or borrowed at rf, (rate + f mean - f^2 deviation^2 / 2) ppy, and volatility |f| deviation sqrt(ppy).
-- `fraction` is how much of kelly_continuous is staked: 1 grows fastest, 1/2 has three quarters of that growth
-- over rf and half the volatility, 2 no growth at all. Unit: 1 per year. NULL where the stake is.
-- Source: Thorp (2006), Handbook of Asset and Liability Management 1, ch. 9, sec. 7.
create or replace macro staked_growth_of(stake, mean_excess, deviation, rate, ppy) as
    (rate + stake * mean_excess - stake * stake * deviation * deviation / 2) * ppy;
create or replace macro kelly_stakes(relation, fraction, rf, ppy) as table
    select
        source, symbol, interval, avg(excess_return) as mean_excess, sample_std(excess_return) as deviation,
        any_value(bars_per_year) as bars_per_year,
        case when rf = 0 then 0.0::double else rate_per_period(rf, any_value(bars_per_year)) end as rate,
        fraction * kelly_continuous_of(avg(excess_return), sample_std(excess_return)) as stake
    from excess_returns(relation, rf, ppy)
    group by source, symbol, interval;
create or replace macro kelly_growth(bars, fraction := 0.5, rf := 0.0, ppy := null) as table
    select
        source, symbol, interval, null::timestamptz as ts,
        staked_growth_of(stake, mean_excess, deviation, rate, bars_per_year) as value
    from kelly_stakes(bars, fraction, rf, ppy);
create or replace macro kelly_vol(bars, fraction := 0.5, rf := 0.0, ppy := null) as table
    select
        source, symbol, interval, null::timestamptz as ts,
        annualise(abs(stake) * deviation, bars_per_year) as value
    from kelly_stakes(bars, fraction, rf, ppy);

-- The three stakes in the usual fractions, 1, 1/2 and 1/4, with what kelly_continuous leads one to expect: one row
-- per series and fraction.
create or replace macro kelly_stake_table(relation, rf) as table
    with fractions as (
        select unnest([1.0::double, 0.5::double, 0.25::double]) as fraction
    ),
    discrete as (
        select source, symbol, interval, value as discrete from kelly_discrete(relation)
    ),
    exact as (
        select source, symbol, interval, value as exact from kelly_exact_log(relation, rf := rf)
    ),
    full_stakes as (
        from kelly_stakes(relation, 1.0::double, rf, null)
    )
    select
        source, symbol, interval, fraction,
        fraction * discrete as kelly_discrete,
        fraction * stake as kelly_continuous,
        fraction * exact as kelly_exact_log,
        staked_growth_of(fraction * stake, mean_excess, deviation, rate, bars_per_year) as kelly_growth,
        annualise(abs(fraction * stake) * deviation, bars_per_year) as kelly_vol
    from full_stakes
    join discrete using (source, symbol, interval)
    join exact using (source, symbol, interval)
    cross join fractions;

comment on macro kelly_discrete_of is 'win rate less loss rate over payoff ratio';
comment on macro table kelly_discrete is 'stake on a bet with the win rate and the payoff ratio of the bars';
comment on macro kelly_continuous_of is 'mean excess return over variance';
comment on macro table kelly_continuous is 'mean excess return over variance, per bar';
comment on macro log_growth_slope is 'derivative of the sum of log growth by the stake';
comment on macro kelly_root is 'stake at which the derivative of log growth changes sign';
comment on macro kelly_exact_log_of is 'stake of the greatest mean log growth, within bounds';
comment on macro table kelly_exact_log is 'stake of the greatest mean log growth over these bars';
comment on macro staked_growth_of is 'expected log growth of a stake, per year';
comment on macro table kelly_stakes is 'a fraction of kelly_continuous, and the moments it was made of';
comment on macro table kelly_growth is 'expected log growth per year of a fraction of kelly_continuous';
comment on macro table kelly_vol is 'volatility of a fraction of kelly_continuous';
comment on macro table kelly_stake_table is 'stakes in the usual fractions, with expected growth and volatility';
