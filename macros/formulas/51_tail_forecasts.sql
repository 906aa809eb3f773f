-- Value at risk and expected shortfall as they were known before each bar, so that the bar can test them.
-- Returns: negative is a loss.

-- Type-7 quantile of the n returns before this one at 1 - confidence. Unit: 1.
create or replace macro roll_var_historical(r, confidence, n, series, ts) as
    previous_quantile(r, 1 - confidence, n, series, ts);
-- Of the n bars that end `lag` bars before; 0 includes the bar itself and is no forecast.
create or replace macro var_historical_rolling(bars, confidence := 0.95, n := 252, lag := 1) as table
    select
        source, symbol, interval, ts,
        quantile_before(
            simple_return, tail_share_of(confidence), n, lag, (source, symbol, interval), ts
        ) as value
    from with_returns(bars)
    where is_confidence(confidence);

-- Mean of those of the values that are not above the value at risk. Unit: 1.
create or replace macro es_of_values(returns, value_at_risk) as
    list_avg(list_filter(returns::double[], lambda r: r <= value_at_risk));
-- Returns with both forecasts from the n returns before: adds value_at_risk and expected_shortfall.
create or replace macro tail_forecasts(relation, confidence, n) as table
    with windows as (
        select
            source, symbol, interval, ts, simple_return,
            quantile_before(
                simple_return, tail_share_of(confidence), n, 1, (source, symbol, interval), ts
            ) as value_at_risk,
            previous_values(simple_return, n, (source, symbol, interval), ts) as past_returns
        from with_returns(relation)
        where is_confidence(confidence)
    )
    select * exclude (past_returns), es_of_values(past_returns, value_at_risk) as expected_shortfall from windows;
create or replace macro es_historical_rolling(bars, confidence := 0.95, n := 252) as table
    select source, symbol, interval, ts, expected_shortfall as value from tail_forecasts(bars, confidence, n);

-- EWMA variance of simple returns as known before each bar; NULL where there is no return. Adds
-- ewma_forecast.
create or replace macro simple_ewma_forecasts(relation, lam) as table
    with earned as (select * replace (simple_return as log_return) from with_returns(relation))
    select earned.*, ewma_forecast
    from earned
    join ewma_variances('earned', lam) using (source, symbol, interval, ts);

-- Normal quantile of the EWMA volatility, mean 0. Unit: 1. NULL on the first return.
-- Source: J.P. Morgan/Reuters (1996), RiskMetrics Technical Document, 4th ed.
create or replace macro var_ewma_of(variance, confidence) as
    sqrt(variance) * normal_quantile(1 - checked_confidence(confidence));
create or replace macro var_ewma(bars, confidence := 0.95, lam := 0.94) as table
    select source, symbol, interval, ts, var_ewma_of(ewma_forecast, confidence) as value
    from simple_ewma_forecasts(bars, lam)
    where is_confidence(confidence);

-- Filtered historical simulation: type-7 quantile of the n returns before in units of the EWMA volatility
-- that was known before each of them, times that of this bar. Unit: 1. NULL until n are known.
-- Sources: Hull and White (1998), J. Risk 1(1); Barone-Adesi, Giannopoulos and Vosper (1999), J. Futures
-- Markets 19(5).
create or replace macro var_filtered_historical(bars, confidence := 0.95, n := 252, lam := 0.94) as table
    with standardised as (
        select
            source, symbol, interval, ts, ewma_forecast,
            ratio_of(simple_return, sqrt(ewma_forecast)) as shock
        from simple_ewma_forecasts(bars, lam)
        where is_confidence(confidence)
    )
    select
        source, symbol, interval, ts,
        sqrt(ewma_forecast) * quantile_before(
            shock, tail_share_of(confidence), n, 1, (source, symbol, interval), ts
        ) as value
    from standardised;

comment on macro roll_var_historical is 'type-7 quantile of the n returns before this bar at 1 - confidence';
comment on macro table var_historical_rolling is
    'type-7 quantile at 1 - confidence of the n returns before this bar';
comment on macro es_of_values is 'mean of the values not above the value at risk';
comment on macro table tail_forecasts is
    'returns with value at risk and expected shortfall from the n before';
comment on macro table es_historical_rolling is
    'mean of those of the n returns before that are not above their value at risk';
comment on macro table simple_ewma_forecasts is
    'bars with the EWMA variance of simple returns as known before';
comment on macro var_ewma_of is 'normal quantile at 1 - confidence of a variance, mean 0';
comment on macro table var_ewma is 'value at risk from the EWMA volatility known before the bar';
comment on macro table var_filtered_historical is
    'quantile of the n standardised returns before, times the volatility known before';
