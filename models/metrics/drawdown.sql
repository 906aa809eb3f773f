-- One row per (series_id, ts): how far below its highest value so far, dividends reinvested.
with

returns as (
    from {{ ref('returns') }}
),

-- Who has lost everything owns no later recovery.
owned as (
    select
        series_id,
        ts,
        cumulative_return,
        previous(adj_close, series_id, ts) is not null as has_return,
        case when running_min(simple_return, series_id, ts) = -1 then 0.0 else adj_close end as wealth
    from returns
)

select
    series_id,
    ts,
    cumulative_return,
    has_return,
    drawdown(wealth, series_id, ts) as drawdown
from owned
