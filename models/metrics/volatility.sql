-- One row per (series_id, ts): trailing volatility.
with

returns as (
    from {{ ref('returns') }}
),

bars as (
    from {{ ref('bars') }}
),

ranged as (
    select returns.*, bars.open, bars.high, bars.low, bars.close
    from returns
    inner join bars using (series_id, ts)
),

rolled as (
    select
        series_id,
        ts,
        roll_interval_vol(
            log_return, elapsed_bars, interval, {{ var('window_volatility') }}, periods_per_year, series_id, ts
        ) as realized_vol,
        roll_parkinson_vol(high, low, {{ var('window_volatility') }}, periods_per_year, series_id, ts)
            as parkinson_vol,
        roll_garman_klass_vol(
            open, high, low, close, {{ var('window_volatility') }}, periods_per_year, series_id, ts
        ) as garman_klass_vol
    from ranged
)

select series_id, ts, realized_vol, parkinson_vol, garman_klass_vol
from rolled
