-- One row per finding; empty is good. As of the build.
{{ config(materialized='table') }}
with

found as (
    from {{ ref('bar_mismatch') }}
    union all
    from {{ ref('trade_ids') }}
    union all
    from {{ ref('open_gaps') }}
    union all
    from {{ ref('impossible_bars') }}
    union all
    from {{ ref('adjustment') }}
)

select finding, source, symbol, ts, detail
from found
