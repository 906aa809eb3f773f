-- Whether a Sharpe ratio is luck. Here it is per bar, not annualised, and its moments are biased ones
-- (divisor n).

-- Returns of each series as one row: count_returns, bar_sharpe, return_skewness, return_kurtosis (raw: normal
-- is 3).
create or replace macro sharpe_moments(relation, rf, ppy) as table
    select
        source, symbol, interval,
        count(excess_return) as count_returns,
        sharpe(excess_return, 1.0::double) as bar_sharpe,
        skewness_biased(excess_return) as return_skewness,
        3 + excess_kurtosis_biased(excess_return) as return_kurtosis
    from excess_returns(relation, rf, ppy)
    group by source, symbol, interval;

-- Variance of the ratio per bar, times n - 1. Unit: 1. NULL unless positive. Source: Mertens (2002).
create or replace macro sharpe_variance_of(bar_sharpe, return_skewness, return_kurtosis) as
    case when 1 - return_skewness * bar_sharpe + (return_kurtosis - 1) / 4 * pow(bar_sharpe, 2) > 0
         then 1 - return_skewness * bar_sharpe + (return_kurtosis - 1) / 4 * pow(bar_sharpe, 2) end;

-- Probability that the true ratio per bar is above `sr_star`. Unit: 1, 0 to 1.
-- Source: Bailey and Lopez de Prado (2012), J. Risk 15(2).
create or replace macro sharpe_distance_of(bar_sharpe, sr_star, n, return_skewness, return_kurtosis) as
    (bar_sharpe - sr_star)
    * sqrt((n - 1) / nullif(sharpe_variance_of(bar_sharpe, return_skewness, return_kurtosis), 0));
create or replace macro probabilistic_sharpe_of(bar_sharpe, sr_star, n, return_skewness, return_kurtosis) as
    normal_cdf(sharpe_distance_of(bar_sharpe, sr_star, n, return_skewness, return_kurtosis));
create or replace macro probabilistic_sharpe(bars, rf := 0.0, sr_star := 0, ppy := null) as table
    with judged as (
        select
            *,
            sharpe_distance_of(bar_sharpe, sr_star, count_returns, return_skewness, return_kurtosis) as distance
        from sharpe_moments(bars, rf, ppy)
    )
    select source, symbol, interval, null::timestamptz as ts, normal_cdf(distance) as value from judged;

-- The ratio per bar that the best of so many worthless strategies is expected to show; `variance` of the
-- ratios among them. Unit: 1; 0 for a single one, NULL for a negative variance. Source: Bailey and Lopez de Prado (2014), J. Portfolio
-- Management 40(5).
create or replace macro expected_best_sharpe(trials, variance) as
    case when trials = 1 then 0.0::double
         when trials > 1 and variance >= 0 then sqrt(variance) * (
             (1 - 0.5772156649015329e0) * normal_quantile(1 - 1.0::double / nullif(trials, 0))
             + 0.5772156649015329e0 * normal_quantile(1 - 1.0::double / (2.718281828459045e0 * trials))) end;

-- Probability that the ratio is better than luck, after the best of `trials` strategies was picked. Unit: 1,
-- 0 to 1. `trial_variance` is the variance of their ratios per bar; NULL: what that of one worthless strategy
-- of this sample is.
create or replace macro deflated_sharpe(
    bars, trials := 10, trial_variance := null, rf := 0.0, ppy := null
) as table
    with lucky as (
        select
            *,
            expected_best_sharpe(trials, coalesce(
                trial_variance::double,
                sharpe_variance_of(bar_sharpe, return_skewness, return_kurtosis) / nullif(count_returns - 1, 0)
            )) as luck
        from sharpe_moments(bars, rf, ppy)
    ),
    judged as (
        select
            *, sharpe_distance_of(bar_sharpe, luck, count_returns, return_skewness, return_kurtosis) as distance
        from lucky
    )
    select source, symbol, interval, null::timestamptz as ts, normal_cdf(distance) as value from judged;

-- Bars that it takes until the ratio is above `sr_star` per bar with this confidence. Unit: bars. NULL unless
-- it is above.
-- Source: Bailey and Lopez de Prado (2012).
create or replace macro min_track_record_length_of(bar_sharpe, sr_star, confidence, return_skewness, return_kurtosis) as
    case when bar_sharpe > sr_star
         then 1 + sharpe_variance_of(bar_sharpe, return_skewness, return_kurtosis)
             * pow(normal_quantile(confidence) / nullif(bar_sharpe - sr_star, 0), 2) end;
create or replace macro min_track_record_length(
    bars, confidence := 0.95, sr_star := 0, rf := 0.0, ppy := null
) as table
    select
        source, symbol, interval, null::timestamptz as ts,
        min_track_record_length_of(
            bar_sharpe, sr_star, confidence, return_skewness, return_kurtosis
        ) as value
    from sharpe_moments(bars, rf, ppy)
    where is_confidence(confidence);

comment on macro table sharpe_moments is
    'Sharpe ratio per bar of each series, with count, skewness and kurtosis of its returns';
comment on macro sharpe_variance_of is 'variance of the Sharpe ratio per bar, times n - 1';
comment on macro sharpe_distance_of is
    'distance of a Sharpe ratio per bar from sr_star, in standard errors';
comment on macro probabilistic_sharpe_of is 'probability that the true Sharpe ratio per bar is above sr_star';
comment on macro table probabilistic_sharpe is
    'probability that the true Sharpe ratio per bar is above sr_star';
comment on macro expected_best_sharpe is
    'expected Sharpe ratio per bar of the best of so many worthless strategies';
comment on macro table deflated_sharpe is
    'probability that the Sharpe ratio is better than the luckiest of so many trials';
comment on macro min_track_record_length_of is 'bars until a Sharpe ratio is above sr_star with confidence';
comment on macro table min_track_record_length is
    'bars until the Sharpe ratio is above sr_star with confidence';
