-- One row per (series_id, ts): how far below its highest value so far, dividends reinvested.
with

returns as (
    from {{ ref('returns') }}
)

select
    series_id,
    ts,
    cumulative_return,
    drawdown(1 + cumulative_return, series_id, ts) as drawdown
from returns
