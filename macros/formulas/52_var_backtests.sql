-- Back-tests of the rolling historical value at risk: did returns fall below it as often, and as far apart,
-- as promised?

-- x ln(y), 0 where x is 0: the terms of a likelihood.
create or replace macro x_ln_y(x, y) as case when x = 0 then 0.0::double else x * ln_or_null(y) end;

-- Unconditional coverage: whether x exceptions of n forecasts fit the confidence; chi-squared with 1 degree
-- of freedom. Unit: 1. NULL without a forecast. Source: Kupiec (1995), J. Derivatives 3(2).
create or replace macro kupiec_lr_of(x, n, confidence) as
    case when n > 0
         then greatest(2 * (
             x_ln_y(n - x, (n - x) / nullif(n * confidence, 0)) + x_ln_y(x, x / nullif(n * (1 - confidence), 0))
         ), 0.0::double) end;

-- Independence: whether an exception makes the next one likelier; counts of (yesterday, today) over the
-- neighbouring forecasts. Chi-squared with 1 degree of freedom. Unit: 1. NULL without a pair. Source:
-- Christoffersen (1998), Int. Economic Review 39(4).
create or replace macro christoffersen_ind_lr_of(n00, n01, n10, n11) as
    case when n00 + n01 + n10 + n11 > 0
         then greatest(2 * (
             x_ln_y(n00, n00 / nullif(n00 + n01, 0)) + x_ln_y(n01, n01 / nullif(n00 + n01, 0))
             + x_ln_y(n10, n10 / nullif(n10 + n11, 0)) + x_ln_y(n11, n11 / nullif(n10 + n11, 0))
             - x_ln_y(n00 + n10, (n00 + n10) / nullif(n00 + n01 + n10 + n11, 0))
             - x_ln_y(n01 + n11, (n01 + n11) / nullif(n00 + n01 + n10 + n11, 0))
         ), 0.0::double) end;

-- Basel's traffic light for exceptions of a 99 % value at risk in 250 bars: 0 green (to 4), 1 yellow (to 9),
-- 2 red.
-- Source: Basel Committee (1996), Supervisory framework for the use of backtesting.
create or replace macro basel_zone_of(exceptions) as
    case when exceptions <= 4 then 0 when exceptions <= 9 then 1 when exceptions > 9 then 2 end;

-- Whether expected shortfall is deep enough: 0 if right, negative if losses beyond value at risk are worse.
-- `sum_shares` is the sum of return / expected shortfall over the exceptions of n forecasts. Unit: 1.
-- Source: Acerbi and Szekely (2014), Risk, December, test 2.
create or replace macro es_backtest_z2_of(sum_shares, n, confidence) as
    1 - coalesce(sum_shares, 0) / nullif(n * (1 - confidence), 0);

-- One row per series: forecasts made, exceptions, how they follow each other, and what they lost beside the
-- forecast.
create or replace macro var_hits(relation, confidence, n) as table
    with judged as (
        select *, simple_return < value_at_risk as is_hit from tail_forecasts(relation, confidence, n)
    ),
    followed as (
        select *, previous(is_hit, (source, symbol, interval), ts) as was_hit from judged
    )
    select
        source, symbol, interval,
        count(is_hit) as forecasts,
        case when count(is_hit) > 0 then count_if(is_hit)::bigint end as exceptions,
        count_if(not was_hit and not is_hit) as n00,
        count_if(not was_hit and is_hit) as n01,
        count_if(was_hit and not is_hit) as n10,
        count_if(was_hit and is_hit) as n11,
        sum(case when is_hit then ratio_of(simple_return, expected_shortfall) end) as sum_shares
    from followed
    group by source, symbol, interval;

-- All of it in one row per series. low_power: fewer than two exceptions, of which no test can say much.
create or replace macro var_backtest(bars, confidence := 0.95, n := 252) as table
    with tested as (
        select
            *,
            kupiec_lr_of(exceptions, forecasts, confidence) as kupiec_lr,
            christoffersen_ind_lr_of(n00, n01, n10, n11) as christoffersen_ind_lr
        from var_hits(bars, confidence, n)
    )
    select
        source, symbol, interval,
        confidence::double as confidence_level,
        forecasts,
        exceptions,
        forecasts * (1 - confidence::double) as expected_exceptions,
        kupiec_lr,
        chi_squared_sf(kupiec_lr, 1) as kupiec_pvalue,
        christoffersen_ind_lr,
        chi_squared_sf(christoffersen_ind_lr, 1) as christoffersen_ind_pvalue,
        kupiec_lr + christoffersen_ind_lr as christoffersen_cc_lr,
        chi_squared_sf(kupiec_lr + christoffersen_ind_lr, 2) as christoffersen_cc_pvalue,
        exceptions < 2 as low_power,
        case when forecasts > 0 then es_backtest_z2_of(sum_shares, forecasts, confidence) end as es_backtest_z2
    from tested;

create or replace macro var_exceptions(bars, confidence := 0.95, n := 252) as table
    select source, symbol, interval, null::timestamptz as ts, exceptions::double as value
    from var_backtest(bars, confidence, n);
create or replace macro kupiec_lr(bars, confidence := 0.95, n := 252) as table
    select source, symbol, interval, null::timestamptz as ts, kupiec_lr as value
    from var_backtest(bars, confidence, n);
create or replace macro kupiec_pvalue(bars, confidence := 0.95, n := 252) as table
    select source, symbol, interval, null::timestamptz as ts, kupiec_pvalue as value
    from var_backtest(bars, confidence, n);
create or replace macro christoffersen_ind_lr(bars, confidence := 0.95, n := 252) as table
    select source, symbol, interval, null::timestamptz as ts, christoffersen_ind_lr as value
    from var_backtest(bars, confidence, n);
create or replace macro christoffersen_ind_pvalue(bars, confidence := 0.95, n := 252) as table
    select source, symbol, interval, null::timestamptz as ts, christoffersen_ind_pvalue as value
    from var_backtest(bars, confidence, n);
create or replace macro christoffersen_cc_lr(bars, confidence := 0.95, n := 252) as table
    select source, symbol, interval, null::timestamptz as ts, christoffersen_cc_lr as value
    from var_backtest(bars, confidence, n);
create or replace macro christoffersen_cc_pvalue(bars, confidence := 0.95, n := 252) as table
    select source, symbol, interval, null::timestamptz as ts, christoffersen_cc_pvalue as value
    from var_backtest(bars, confidence, n);
create or replace macro es_backtest_z2(bars, confidence := 0.95, n := 252) as table
    select source, symbol, interval, null::timestamptz as ts, es_backtest_z2 as value
    from var_backtest(bars, confidence, n);

-- Zone of the exceptions among the last `lookback` bars that had a forecast and a return. Unit: 0 green, 1
-- yellow, 2 red. NULL before there are so many.
create or replace macro basel_zone(bars, confidence := 0.99, n := 250, lookback := 250) as table
    with judged as (
        select *, (simple_return < value_at_risk)::integer as hit from tail_forecasts(bars, confidence, n)
    ),
    counted as (
        select *, roll_sum(hit, lookback, (source, symbol, interval), ts) as exceptions
        from judged
        where hit is not null
    ),
    newest as (
        select source, symbol, interval, arg_max(exceptions, ts) as exceptions
        from counted
        group by source, symbol, interval
    )
    select
        source, symbol, interval, null::timestamptz as ts, basel_zone_of(exceptions)::double as value
    from priced_series(bars)
    left join newest using (source, symbol, interval);

comment on macro x_ln_y is 'x ln(y); 0 where x is 0';
comment on macro kupiec_lr_of is 'likelihood ratio of x exceptions of n forecasts against those promised';
comment on macro christoffersen_ind_lr_of is
    'likelihood ratio of exceptions that follow each other against independent ones';
comment on macro basel_zone_of is '0 green, 1 yellow, 2 red, from exceptions in 250 bars at 99 %';
comment on macro es_backtest_z2_of is '1 - sum of return / expected shortfall over the exceptions promised';
comment on macro table var_hits is 'forecasts, exceptions and their succession of the rolling value at risk';
comment on macro table var_backtest is
    'back-tests of the rolling historical value at risk, one row per series';
comment on macro table var_exceptions is 'returns below the value at risk forecast for them';
comment on macro table kupiec_lr is 'likelihood ratio of the number of exceptions, chi-squared with 1 degree';
comment on macro table kupiec_pvalue is 'probability of such a number of exceptions by chance';
comment on macro table christoffersen_ind_lr is
    'likelihood ratio of exceptions following each other, chi-squared with 1 degree';
comment on macro table christoffersen_ind_pvalue is
    'probability of exceptions following each other so by chance';
comment on macro table christoffersen_cc_lr is
    'likelihood ratio of number and succession together, chi-squared with 2 degrees';
comment on macro table christoffersen_cc_pvalue is
    'probability of such exceptions by chance, number and succession';
comment on macro table es_backtest_z2 is
    '0 if expected shortfall is right, negative if losses beyond value at risk are worse';
comment on macro table basel_zone is 'traffic light of the last 250 forecasts: 0 green, 1 yellow, 2 red';
