-- One row per (series_id, kind, confirmed_at): a price at which swings turned, on the bar that confirmed it.
with

bars as (
    from {{ ref('final_bars') }}
),

levels as (
    from support_resistance('bars')
)

select
    series_id_of(source, symbol, interval) as series_id, levels.kind, levels.confirmed_at, levels.level, levels.touches,
    levels.pivot_ts, levels.pivot_price, levels.first_pivot_ts, levels.last_pivot_ts
from levels
