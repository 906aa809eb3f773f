-- One row per (source, symbol, interval) of days and weeks: whether the trailing value at risk kept its promise.
with

series as (
    from {{ ref('series') }}
),

backtests as (
    from {{ ref('var_backtest') }}
)

select
    source, symbol, interval, confidence_level, n_obs, var_exceptions, expected_exceptions, low_power,
    kupiec_lr, kupiec_pvalue, christoffersen_ind_lr, christoffersen_ind_pvalue, christoffersen_cc_lr,
    christoffersen_cc_pvalue, es_backtest_z2, basel_zone
from backtests
inner join series using (series_id)
