-- One row per (series_id, ts): trailing volatility.
{% set n = var('window_volatility') %}
{% set decay = var('ewma_decay') %}
{% call trailing(newest_volatility, has_states=true) %}
with

returns as (
    select *, is_newest_of_series(series_id) as is_newest
    from {{ ref('ordered_returns') }}
    where {{ is_streamed() }}
),

series as (select series_id, is_within_day(interval) as is_intraday from {{ ref('series') }}),

measured as (
    select
        *,
        log_return as of_return,
        log_return * log_return as of_square,
        elapsed_bars as of_elapsed,
        parkinson_variance_of(high, low) as of_parkinson,
        garman_klass_variance_of(open, high, low, close) as of_garman_klass,
        average_filter(log_return * log_return, 1 - {{ decay }}, 1, 1, row_index) as state_ewma
    from returns
),

filtered as (from filtered('measured', 1 - {{ decay }})),

fours as (
    select *, squares_of_rows(of_return, of4_return) as squares4
    from with_blocks('filtered')
),

sixteens as (
    select *, squares_of_4(squares4, of4_return, of16_return, 4) as squares16
    from fours
),

averaged as (
    select
        *,
        squares_of_4(squares16, of16_return, of64_return, 16) as squares64,
        last_mean(
            of_return, of4_return, of16_return, of64_return, {{ n }}, row_index
        ) as mean_return,
        last_mean(of_square, of4_square, of16_square, of64_square, {{ n }}, row_index) as mean_square,
        last_mean(of_elapsed, of4_elapsed, of16_elapsed, of64_elapsed, {{ n }}, row_index) as mean_elapsed,
        last_mean(
            of_parkinson, of4_parkinson, of16_parkinson, of64_parkinson, {{ n }}, row_index
        ) as parkinson_variance,
        last_mean(
            of_garman_klass, of4_garman_klass, of16_garman_klass, of64_garman_klass, {{ n }}, row_index
        ) as garman_klass_variance
    from sixteens
),

deviating as (
    select
        *,
        std_of(
            last_squares(
                of_return, of4_return, of16_return, of64_return, squares4, squares16, squares64, mean_return, {{ n }}
            ), {{ n }}
        ) as deviation
    from averaged
)

select
    series_id, ts,
    case when is_intraday then intraday_vol_of(mean_square, mean_elapsed, periods_per_year)
         else annualise(deviation, periods_per_year) end as realized_vol,
    parkinson_vol_of(parkinson_variance, periods_per_year) as parkinson_vol,
    garman_klass_vol_of(garman_klass_variance, periods_per_year) as garman_klass_vol,
    case when log_return is not null then ewma_vol_of(state_ewma.state, periods_per_year) end as ewma_vol,
    case when is_newest then [{'variance': state_ewma.state}] end as state
from deviating
inner join series using (series_id)
{% endcall %}
