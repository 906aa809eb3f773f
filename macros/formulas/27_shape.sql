-- Shape of the distribution of simple returns: leaning to one side, heavy in the tails, or normal.

-- Central moment of the known values of a group, divided by their number; from deviations, so that nothing
-- cancels. NULL without values.
create or replace macro central_moment(r, power) as
    list_avg(list_transform(list(r) filter (where r is not null), lambda value: pow(value - avg(r), power)));

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

-- Of a group of returns: biased (what Cornish-Fisher and the Sharpe tests take), and as estimates. NULL when
-- constant but for the rounding of prices.
create or replace macro skewness_biased(r) as
    case when has_moved(max(r), min(r)) then skewness_of(central_moment(r, 2), central_moment(r, 3), count(r)) end;
create or replace macro excess_kurtosis_biased(r) as
    case when has_moved(max(r), min(r))
         then excess_kurtosis_of(central_moment(r, 2), central_moment(r, 4), count(r)) end;
create or replace macro skewness_sample(r) as sample_skewness_of(skewness_biased(r), count(r));
create or replace macro excess_kurtosis_sample(r) as sample_excess_kurtosis_of(excess_kurtosis_biased(r), count(r));

-- Jarque-Bera statistic, from biased moments: chi-squared with 2 degrees of freedom for normal returns.
-- Unit: 1. Source: Jarque and Bera (1980), Economics Letters 6(3).
create or replace macro jarque_bera_of(skew, kurtosis, n) as n / 6.0::double * (skew * skew + kurtosis * kurtosis / 4);

create or replace macro skewness(bars) as table
    select source, symbol, interval, null::timestamptz as ts, skewness_biased(simple_return) as value
    from with_returns(bars)
    group by source, symbol, interval;
create or replace macro skewness_sample(bars) as table
    select source, symbol, interval, null::timestamptz as ts, skewness_sample(simple_return) as value
    from with_returns(bars)
    group by source, symbol, interval;
create or replace macro excess_kurtosis(bars) as table
    select source, symbol, interval, null::timestamptz as ts, excess_kurtosis_biased(simple_return) as value
    from with_returns(bars)
    group by source, symbol, interval;
create or replace macro excess_kurtosis_sample(bars) as table
    select source, symbol, interval, null::timestamptz as ts, excess_kurtosis_sample(simple_return) as value
    from with_returns(bars)
    group by source, symbol, interval;
create or replace macro jarque_bera(bars) as table
    select
        source, symbol, interval, null::timestamptz as ts,
        jarque_bera_of(
            skewness_biased(simple_return), excess_kurtosis_biased(simple_return), count(simple_return)
        ) as value
    from with_returns(bars)
    group by source, symbol, interval;

comment on macro central_moment is 'mean of a power of the distances from the mean';
comment on macro skewness_of is 'm3 / m2^1.5, biased';
comment on macro excess_kurtosis_of is 'm4 / m2^2 - 3, biased';
comment on macro sample_skewness_of is 'G1 from the biased skewness';
comment on macro sample_excess_kurtosis_of is 'G2 from the biased excess kurtosis';
comment on macro skewness_sample is 'bias-corrected skewness G1';
comment on macro excess_kurtosis_sample is 'bias-corrected excess kurtosis G2';
comment on macro skewness_biased is 'skewness of the sample itself, g1';
comment on macro excess_kurtosis_biased is 'excess kurtosis of the sample itself, g2';
comment on macro jarque_bera_of is 'n / 6 (S^2 + K^2 / 4)';
comment on macro table skewness is 'skewness of simple returns, biased';
comment on macro table skewness_sample is 'skewness of simple returns, as an estimate (G1)';
comment on macro table excess_kurtosis is 'excess kurtosis of simple returns, biased';
comment on macro table excess_kurtosis_sample is 'excess kurtosis of simple returns, as an estimate (G2)';
comment on macro table jarque_bera is
    'Jarque-Bera statistic of simple returns; large where they are not normal';
