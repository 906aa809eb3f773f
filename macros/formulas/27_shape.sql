-- Shape of the distribution of simple returns: leaning to one side, heavy in the tails, or normal.

-- Central moments of the known returns of each series: n, m2, m3 and m4 divided by n, m1 = mean. From
-- deviations, so that nothing cancels. All moments are NULL when constant but for the rounding of prices.
create or replace macro return_moments(relation) as table
    with earned as (from with_returns(relation)),
    centred as (
        select
            source, symbol, interval, simple_return,
            simple_return - avg(simple_return) over (partition by source, symbol, interval) as deviation
        from earned
    )
    select
        source, symbol, interval, count(simple_return) as n, max(simple_return) - min(simple_return) > 4e-15 as varies,
        case when varies then avg(pow(deviation, 2)) end as m2,
        case when varies then avg(pow(deviation, 3)) end as m3,
        case when varies then avg(pow(deviation, 4)) end as m4
    from centred
    group by source, symbol, interval;

-- Skewness and excess kurtosis as moments of the sample (biased). Unit: 1; 0 for a normal distribution.
create or replace macro skewness_of(m2, m3, n) as
    case when n > 2 then finite_or_null(m3 / nullif(pow(m2, 1.5::double), 0)) end;
create or replace macro excess_kurtosis_of(m2, m4, n) as
    case when n > 3 then finite_or_null(m4 / nullif(m2 * m2, 0)) - 3 end;

-- The same as estimates of the population's: G1 and G2. NULL for fewer than 3 or 4 returns.
-- Source: Joanes and Gill (1998), The Statistician 47(1).
create or replace macro sample_skewness_of(skew, n) as
    case when n > 2 then skew * sqrt(n * (n - 1.0::double)) / nullif(n - 2, 0) end;
create or replace macro sample_excess_kurtosis_of(kurtosis, n) as
    case when n > 3 then (n - 1.0::double) / nullif((n - 2.0::double) * (n - 3), 0) * ((n + 1) * kurtosis + 6) end;

-- Jarque-Bera statistic, from biased moments: chi-squared with 2 degrees of freedom for normal returns.
-- Unit: 1. Source: Jarque and Bera (1980), Economics Letters 6(3).
create or replace macro jarque_bera_of(skew, kurtosis, n) as n / 6.0::double * (skew * skew + kurtosis * kurtosis / 4);

create or replace macro skewness(bars) as table
    select source, symbol, interval, null::timestamptz as ts, skewness_of(m2, m3, n) as value
    from return_moments(bars);
create or replace macro skewness_sample(bars) as table
    select source, symbol, interval, null::timestamptz as ts, sample_skewness_of(skewness_of(m2, m3, n), n) as value
    from return_moments(bars);
create or replace macro excess_kurtosis(bars) as table
    select source, symbol, interval, null::timestamptz as ts, excess_kurtosis_of(m2, m4, n) as value
    from return_moments(bars);
create or replace macro excess_kurtosis_sample(bars) as table
    select
        source, symbol, interval, null::timestamptz as ts,
        sample_excess_kurtosis_of(excess_kurtosis_of(m2, m4, n), n) as value
    from return_moments(bars);
create or replace macro jarque_bera(bars) as table
    select
        source, symbol, interval, null::timestamptz as ts,
        jarque_bera_of(skewness_of(m2, m3, n), excess_kurtosis_of(m2, m4, n), n) as value
    from return_moments(bars);

comment on macro table return_moments is 'number and central moments of simple returns';
comment on macro skewness_of is 'm3 / m2^1.5, biased';
comment on macro excess_kurtosis_of is 'm4 / m2^2 - 3, biased';
comment on macro sample_skewness_of is 'G1 from the biased skewness';
comment on macro sample_excess_kurtosis_of is 'G2 from the biased excess kurtosis';
comment on macro jarque_bera_of is 'n / 6 (S^2 + K^2 / 4)';
comment on macro table skewness is 'skewness of simple returns, biased';
comment on macro table skewness_sample is 'skewness of simple returns, as an estimate (G1)';
comment on macro table excess_kurtosis is 'excess kurtosis of simple returns, biased';
comment on macro table excess_kurtosis_sample is 'excess kurtosis of simple returns, as an estimate (G2)';
comment on macro table jarque_bera is
    'Jarque-Bera statistic of simple returns; large where they are not normal';
