-- What is not a number is not known: NULL, never NaN or an infinity, which sort above everything.

-- NULL for NaN and the infinities.
create or replace macro finite_or_null(x) as case when isfinite(x) then x end;

-- Natural logarithm; NULL unless positive, where DuckDB 1.5 raises and 2.0 gives an infinity.
create or replace macro ln_or_null(x) as case when x > 0 then ln(x) end;

-- A power; NULL where it is not a finite number: a negative base, an overflow.
create or replace macro power_or_null(base, exponent) as
    case when base >= 0 then finite_or_null(pow(base::double, exponent::double)) end;

-- A ratio of two statistics. NULL where the denominator is nothing but rounding beside the
-- numerator: below 1e-15 of it.
create or replace macro ratio_of(numerator, denominator) as
    case when abs(denominator) > 1e-15 * abs(numerator) then numerator / denominator end;

-- Whether returns move at all: the quotient of two doubles is good to 2e-16, so that prices which grow
-- steadily give returns that differ by a few of those. They are constant, and no ratio by their dispersion is
-- known.
create or replace macro is_moving(deviation) as deviation > 1e-15;
create or replace macro has_moved(highest, lowest) as highest - lowest > 4e-15;

comment on macro finite_or_null is 'the number; NULL for NaN and the infinities';
comment on macro ln_or_null is 'natural logarithm; NULL unless positive';
comment on macro power_or_null is 'base to the exponent; NULL unless finite';
comment on macro ratio_of is 'numerator / denominator; NULL where the denominator is only rounding';
comment on macro is_moving is 'whether returns of this standard deviation differ by more than rounding';
comment on macro has_moved is 'whether returns of this range differ by more than rounding';
