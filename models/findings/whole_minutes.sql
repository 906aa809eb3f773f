-- One row per final minute of the last week that was recorded from its first trade on.
with

trade_bars as (
    from {{ ref('trade_bars') }}
    where date >= (now() at time zone 'UTC')::date - 7
)

-- The first minute of a recording began before it: only the trade before its first one shows that
-- none is missing.
select *
from trade_bars
qualify is_final and previous(last_trade_id, series_id, ts) = first_trade_id - 1
