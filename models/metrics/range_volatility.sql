-- One row per (series_id, ts): trailing volatility from the range of each bar, whatever its drift.
{% set n = var('window_volatility') %}
with

returns as (
    from {{ ref('returns') }}
),

measured as (
    select
        *,
        rogers_satchell_variance_of(open, high, low, close) as of_range,
        log_return_of(open, earlier_in_series(close, 1, row_index)) as vary_overnight,
        log_return_of(close, open) as vary_daytime
    from returns
),

spread as (
    from with_spreads('measured')
),

averaged as (
    select
        *,
        last_spread_mean(
            vary_overnight, vary4_overnight, vary16_overnight, vary64_overnight, {{ n }}, row_index
        ) as mean_overnight,
        last_spread_mean(
            vary_daytime, vary4_daytime, vary16_daytime, vary64_daytime, {{ n }}, row_index
        ) as mean_daytime,
        last_mean(of_range, of4_range, of16_range, of64_range, {{ n }}, row_index) as mean_range
    from with_blocks('spread')
),

varied as (
    select
        *,
        variance_of(
            last_spread(
                vary_overnight, vary4_overnight, vary16_overnight, vary64_overnight, mean_overnight, {{ n }}
            ), {{ n }}
        ) as overnight_variance,
        variance_of(
            last_spread(
                vary_daytime, vary4_daytime, vary16_daytime, vary64_daytime, mean_daytime, {{ n }}
            ), {{ n }}
        ) as daytime_variance
    from averaged
)

select
    series_id, ts,
    rogers_satchell_vol_of(mean_range, periods_per_year) as rogers_satchell_vol,
    yang_zhang_vol_of(
        overnight_variance, daytime_variance, mean_range, {{ n }}, periods_per_year
    ) as yang_zhang_vol
from varied
