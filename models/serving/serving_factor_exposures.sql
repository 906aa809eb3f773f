-- One row per (source, symbol, factor_set, frequency, factor) of each equity and portfolio: how it moves with a factor.
with

factor_exposures as (
    from {{ ref('factor_exposures') }}
)

select
    source, symbol, factor_set, frequency, factor, exposure, standard_error, t_value,
    hac_standard_error, hac_t_value, r2, adjusted_r2, n_obs
from factor_exposures
