-- One row per (series_id, ts): trailing volatility from the range of each bar, whatever its drift.
{% set n = var('window_volatility') %}
{% call trailing(newest_range_volatility) %}
with

returns as (
    from {{ ref('ordered_returns') }}
    where {{ is_streamed() }}
),

measured as (
    select
        *,
        rogers_satchell_variance_of(open, high, low, close) as of_range,
        log_return_of(open, earlier_in_series(close, 1, row_index)) as of_overnight,
        log_return_of(close, open) as of_daytime
    from returns
),

fours as (
    select
        *,
        squares_of_rows(of_overnight, of4_overnight) as squares4_overnight,
        squares_of_rows(of_daytime, of4_daytime) as squares4_daytime
    from with_blocks('measured')
),

sixteens as (
    select
        *,
        squares_of_4(squares4_overnight, of4_overnight, of16_overnight, 4) as squares16_overnight,
        squares_of_4(squares4_daytime, of4_daytime, of16_daytime, 4) as squares16_daytime
    from fours
),

averaged as (
    select
        *,
        squares_of_4(squares16_overnight, of16_overnight, of64_overnight, 16) as squares64_overnight,
        squares_of_4(squares16_daytime, of16_daytime, of64_daytime, 16) as squares64_daytime,
        last_mean(
            of_overnight, of4_overnight, of16_overnight, of64_overnight, {{ n }}, row_index
        ) as mean_overnight,
        last_mean(
            of_daytime, of4_daytime, of16_daytime, of64_daytime, {{ n }}, row_index
        ) as mean_daytime,
        last_mean(of_range, of4_range, of16_range, of64_range, {{ n }}, row_index) as mean_range
    from sixteens
),

varied as (
    select
        *,
        variance_of(
            last_squares(
                of_overnight, of4_overnight, of16_overnight, of64_overnight,
                squares4_overnight, squares16_overnight, squares64_overnight, mean_overnight, {{ n }}
            ), {{ n }}
        ) as overnight_variance,
        variance_of(
            last_squares(
                of_daytime, of4_daytime, of16_daytime, of64_daytime,
                squares4_daytime, squares16_daytime, squares64_daytime, mean_daytime, {{ n }}
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
{% endcall %}
