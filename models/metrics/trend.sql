-- One row per (series_id, ts): moving averages and bands of the close as it is charted (not
-- adjusted for dividends).
with

bars as (
    from {{ ref('bars') }}
),

rolled as (
    select
        series_id,
        ts,
        close,
        sma(close, {{ var('window_short') }}, series_id, ts) as sma_short,
        sma(close, {{ var('window_medium') }}, series_id, ts) as sma_medium,
        sma(close, {{ var('window_long') }}, series_id, ts) as sma_long,
        bb_upper(close, {{ var('window_short') }}, {{ var('bollinger_width') }}, series_id, ts) as bb_upper,
        bb_middle(close, {{ var('window_short') }}, series_id, ts) as bb_middle,
        bb_lower(close, {{ var('window_short') }}, {{ var('bollinger_width') }}, series_id, ts) as bb_lower
    from bars
),

placed as (
    select *, bb_percent_b_of(close, bb_upper, bb_lower) as bb_percent_b
    from rolled
)

select series_id, ts, sma_short, sma_medium, sma_long, bb_upper, bb_middle, bb_lower, bb_percent_b
from placed
