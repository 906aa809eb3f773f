-- RiskMetrics: variance as an average of squared log returns that forgets by `lam` a bar.
-- Source: J.P. Morgan/Reuters (1996), RiskMetrics Technical Document, 4th ed., ch. 5.

-- Input of the recursion s = lam s + input: the first squared return as it is, the others weighted. Unit: 1
-- per bar.
create or replace macro ewma_input_of(r, lam, is_first) as
    case when is_first then r * r else (1.0::double - lam) * r * r end;

-- The variance as volatility per year. Unit: 1 (0.2 = 20 %).
create or replace macro ewma_vol_of(variance, ppy) as annual_root_of(variance, ppy);

-- Variance of each bar of a relation with log returns, the bar itself included; NULL on a bar without a
-- return, which the recursion skips. Adds ewma_variance, and ewma_forecast: the one that was known before
-- the bar.
create or replace macro ewma_variances(relation, lam) as table
    with known as (
        select
            *,
            row_index_of((source, symbol, interval), ts) as row_index
        from query_table(relation)
        where log_return is not null
    ),
    inputs as (
        select
            *,
            'log_return' as line,
            lam::double as decay,
            ewma_input_of(log_return, lam, row_index = 0) as input
        from known
    ),
    filtered as (
        select
            source, symbol, interval, ts, periods_per_year,
            state as ewma_variance,
            previous(state, (source, symbol, interval), ts) as ewma_forecast
        from decayed('inputs')
    )
    from filtered
    union all
    select source, symbol, interval, ts, periods_per_year, null, null from query_table(relation)
    where log_return is null;

-- EWMA volatility including the bar's own return. NULL on the first bar.
create or replace macro ewma_vol(bars, lam := 0.94, ppy := null) as table
    with earned as (from with_returns(bars)),
    rated as (from ewma_variances('earned', lam))
    select source, symbol, interval, ts, ewma_vol_of(ewma_variance, coalesce(ppy, periods_per_year)) as value
    from rated;

-- The same as it was known before the bar: what a value at risk of the bar may use. NULL on the first two
-- bars.
create or replace macro ewma_vol_forecast(bars, lam := 0.94, ppy := null) as table
    with earned as (from with_returns(bars)),
    rated as (from ewma_variances('earned', lam))
    select source, symbol, interval, ts, ewma_vol_of(ewma_forecast, coalesce(ppy, periods_per_year)) as value
    from rated;

comment on macro ewma_input_of is 'squared return times 1 - lam; the first one whole';
comment on macro ewma_vol_of is 'annualised square root of an EWMA variance';
comment on macro table ewma_variances is 'EWMA variance of log returns with the bar and before it';
comment on macro table ewma_vol is
    'volatility from squared log returns that are forgotten by lam a bar, annualised';
comment on macro table ewma_vol_forecast is 'the EWMA volatility that was known before the bar, annualised';
