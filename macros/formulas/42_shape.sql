-- Skewness and kurtosis of a sample of returns: how lopsided it is, and how heavy its tails are.

-- Sample skewness G1 and sample excess kurtosis G2. Unit: 1. NULL when constant, or for fewer than 3 or 4
-- returns.
-- Source: Joanes and Gill (1998), The Statistician 47(1).
create or replace macro skewness_sample(r) as
    case when has_moved(max(r), min(r)) and count(r) > 2 then finite_or_null(skewness(r)) end;
create or replace macro excess_kurtosis_sample(r) as
    case when has_moved(max(r), min(r)) and count(r) > 3 then finite_or_null(kurtosis(r)) end;

-- The same as moments of the sample itself (g1 and g2, divisor n): what Cornish-Fisher and the Sharpe tests
-- take. Unit: 1.
create or replace macro skewness_biased(r) as
    skewness_sample(r) * (count(r) - 2) / nullif(sqrt(count(r) * (count(r) - 1.0::double)), 0);
create or replace macro excess_kurtosis_biased(r) as
    case when has_moved(max(r), min(r)) and count(r) > 2 then finite_or_null(kurtosis_pop(r)) end;

comment on macro skewness_sample is 'bias-corrected skewness G1';
comment on macro excess_kurtosis_sample is 'bias-corrected excess kurtosis G2';
comment on macro skewness_biased is 'skewness of the sample itself, g1';
comment on macro excess_kurtosis_biased is 'excess kurtosis of the sample itself, g2';
