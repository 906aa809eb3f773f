-- One row per factor of a set, alpha last: how much the portfolio moves with it, and how sure that is.
select
    factor, exposure,
    exposure_low_of(exposure, hac_standard_error, $confidence) as exposure_low,
    exposure_high_of(exposure, hac_standard_error, $confidence) as exposure_high,
    standard_error, t_value, hac_standard_error, hac_t_value
from serving.factor_exposures
where source = 'portfolio' and symbol = $portfolio and factor_set = $factor_set and frequency = $frequency
order by factor = 'alpha', factor
