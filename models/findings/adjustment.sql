-- One row per session whose adjusted close of ours is more than 0.1 % off the vendor's.
with

equity_bars as (
    from {{ ref('equity_bars') }}
),

-- The vendor's adjustment is as of the pull: only rows of the newest one can be compared.
newest_pull as (
    select *
    from equity_bars
    qualify fetched_at = max(fetched_at) over (partition by series_id)
)

select
    'adjustment_mismatch' as finding,
    source,
    symbol,
    ts,
    format('adjusted close: ours {}, vendor {}', adj_close, vendor_adj_close) as detail
from newest_pull
where abs(simple_return_of(adj_close, vendor_adj_close)) > 0.001
