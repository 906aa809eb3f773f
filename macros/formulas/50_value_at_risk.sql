-- Value at risk and expected shortfall of the whole sample. Both are returns: negative is a loss.
-- `confidence` is a share between 0 and 1 (0.95, not 95).

-- Historical value at risk: type-7 quantile of the returns at 1 - confidence. Unit: 1.
create or replace macro var_historical(r, confidence) as
    case when is_confidence(confidence) then quantile_cont(r, tail_share_of(confidence)) end;
create or replace macro var_historical(bars, confidence := 0.95) as table
    select source, symbol, interval, null::timestamptz as ts, var_historical(simple_return, confidence) as value
    from with_returns(bars)
    where is_confidence(confidence)
    group by source, symbol, interval;

-- Historical expected shortfall: mean of the returns not above the value at risk. Unit: 1; at most the value
-- at risk.
-- Source: Acerbi and Tasche (2002), J. Banking and Finance 26(7).
create or replace macro es_historical(r, value_at_risk) as
    avg(case when r <= value_at_risk then r end);
create or replace macro es_historical(bars, confidence := 0.95) as table
    with tails as (
        select source, symbol, interval, var_historical(simple_return, confidence) as value_at_risk
        from with_returns(bars)
        group by source, symbol, interval
    )
    select source, symbol, interval, null::timestamptz as ts, es_historical(simple_return, value_at_risk) as value
    from with_returns(bars)
    join tails using (source, symbol, interval)
    group by source, symbol, interval;

-- Value at risk and expected shortfall of a normal distribution with the sample's mean and deviation. Unit:
-- 1.
-- Source: Jorion (2006), Value at Risk, 3rd ed., ch. 5; McNeil, Frey and Embrechts (2015), Quantitative Risk
-- Management, ch. 2.
create or replace macro var_parametric_of(mu, deviation, confidence) as
    mu + deviation * normal_quantile(1 - checked_confidence(confidence));
create or replace macro tail_density_of(confidence) as
    case when is_confidence(confidence)
         then normal_pdf(normal_quantile(1 - confidence)) / nullif(1 - confidence, 0) end;
create or replace macro es_parametric_of(mu, deviation, confidence) as mu - deviation * tail_density_of(confidence);
create or replace macro var_parametric(bars, confidence := 0.95) as table
    select
        source, symbol, interval, null::timestamptz as ts,
        var_parametric_of(avg(simple_return), sample_std(simple_return), confidence) as value
    from with_returns(bars)
    where is_confidence(confidence)
    group by source, symbol, interval;
create or replace macro es_parametric(bars, confidence := 0.95) as table
    select
        source, symbol, interval, null::timestamptz as ts,
        es_parametric_of(avg(simple_return), sample_std(simple_return), confidence) as value
    from with_returns(bars)
    where is_confidence(confidence)
    group by source, symbol, interval;

-- Whether the Cornish-Fisher expansion rises with z: only then is it a distribution. `s` and `k` are biased
-- skewness and excess kurtosis. Source: Maillard (2012), A User's Guide to the Cornish Fisher Expansion.
create or replace macro cornish_fisher_is_monotone(s, k) as
    (s = 0 and k = 0)
    or (k / 8 - s * s / 6 > 0 and s * s / 9 <= 4 * (k / 8 - s * s / 6) * (1 - k / 8 + 5 * s * s / 36));

-- The normal quantile z as skewness and kurtosis shift it, and the factor by which they stretch the tail
-- beyond it. Unit: 1. Sources: Cornish and Fisher (1938), Rev. Int. Statistical Institute 5(4); the factor is
-- its integral over the tail.
-- z + (z^2 - 1) s / 6 + (z^3 - 3 z) k / 24 - (2 z^3 - 5 z) s^2 / 36, and 1 + z s / 6 + (z^2 - 1) k / 24
-- - (2 z^2 - 1) s^2 / 36, by powers of z: z is a long expression, and planning takes longer than computing.
create or replace macro cornish_fisher_z(z, s, k) as
    z * (z * (z * (k / 24 - s * s / 18) + s / 6) + 1 - k / 8 + 5 * s * s / 36) - s / 6;
create or replace macro cornish_fisher_stretch(z, s, k) as
    z * (z * (k / 24 - s * s / 18) + s / 6) + 1 - k / 24 + s * s / 36;

-- Value at risk and expected shortfall with skewness and kurtosis. Unit: 1. NULL where the expansion is not
-- monotone.
create or replace macro var_cornish_fisher_of(mu, deviation, s, k, confidence) as
    case when is_confidence(confidence) and cornish_fisher_is_monotone(s, k)
         then mu + deviation * cornish_fisher_z(normal_quantile(1 - confidence), s, k) end;
create or replace macro es_cornish_fisher_of(mu, deviation, s, k, confidence) as
    case when is_confidence(confidence) and cornish_fisher_is_monotone(s, k)
         then mu - deviation * tail_density_of(confidence)
             * cornish_fisher_stretch(normal_quantile(1 - confidence), s, k) end;
-- One row per series: mean, deviation and biased shape of its returns.
create or replace macro return_shapes(relation) as table
    select
        source, symbol, interval,
        avg(simple_return) as mean_return,
        sample_std(simple_return) as deviation,
        skewness_biased(simple_return) as return_skewness,
        excess_kurtosis_biased(simple_return) as excess
    from with_returns(relation)
    group by source, symbol, interval;
create or replace macro var_cornish_fisher(bars, confidence := 0.95) as table
    select
        source, symbol, interval, null::timestamptz as ts,
        var_cornish_fisher_of(mean_return, deviation, return_skewness, excess, confidence) as value
    from return_shapes(bars)
    where is_confidence(confidence);
create or replace macro es_cornish_fisher(bars, confidence := 0.95) as table
    select
        source, symbol, interval, null::timestamptz as ts,
        es_cornish_fisher_of(mean_return, deviation, return_skewness, excess, confidence) as value
    from return_shapes(bars)
    where is_confidence(confidence);

comment on macro var_historical is 'type-7 quantile of returns at 1 - confidence; negative is a loss';
comment on macro table var_historical is 'type-7 quantile of returns at 1 - confidence; negative is a loss';
comment on macro es_historical is 'mean of the returns not above the value at risk';
comment on macro table es_historical is 'mean of the returns not above the historical value at risk';
comment on macro var_parametric_of is 'quantile of a normal distribution at 1 - confidence';
comment on macro tail_density_of is
    'distance of the mean of the normal tail beyond the quantile, in deviations';
comment on macro es_parametric_of is 'mean of a normal distribution below its quantile at 1 - confidence';
comment on macro table var_parametric is
    'quantile at 1 - confidence of a normal distribution like the returns';
comment on macro table es_parametric is 'mean of that normal distribution below its quantile';
comment on macro cornish_fisher_is_monotone is 'whether the expansion with these moments is a distribution';
comment on macro cornish_fisher_z is 'normal quantile, shifted by skewness and excess kurtosis';
comment on macro cornish_fisher_stretch is
    'factor of skewness and excess kurtosis on the mean of the normal tail';
comment on macro var_cornish_fisher_of is 'quantile of a distribution with this skewness and kurtosis';
comment on macro es_cornish_fisher_of is 'mean of that distribution below its quantile';
comment on macro table return_shapes is 'mean, deviation, skewness and excess kurtosis of simple returns';
comment on macro table var_cornish_fisher is
    'value at risk of a normal distribution corrected for skewness and kurtosis';
comment on macro table es_cornish_fisher is
    'expected shortfall of a normal distribution corrected for skewness and kurtosis';
