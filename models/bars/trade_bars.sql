-- One row per (source, symbol, minute) with a trade: our own one-minute bar, straight from the
-- ticks. A live view.
{{ config(materialized='view') }}
with

trades as (
    from {{ ref('trades') }}
),

series as (
    from {{ ref('series') }}
    where interval = '1m'
),

open_gaps as (
    select source, symbol, list({'first_id': first_trade_id, 'last_id': last_trade_id}) as holes
    from {{ ref('gaps') }}
    where status = 'open'
    group by source, symbol
),

bucketed as (
    from bars_of_trades('trades', 'minute')
)

select
    series.series_id,
    source,
    symbol,
    series.interval,
    bucketed.date,
    bucketed.hour_start,
    bucketed.ts,
    bucketed.ts + interval 1 minute as end_ts,
    bucketed.open,
    bucketed.high,
    bucketed.low,
    bucketed.close,
    bucketed.volume,
    bucketed.quote_volume,
    bucketed.trade_count,
    bucketed.first_trade_id,
    bucketed.last_trade_id,
    -- A hole lies between the trade before it and the trade after it: it may touch the minutes of
    -- both.
    bucketed.ts + interval 1 minute + to_seconds(series.final_grace_seconds) <= now()
    and len(list_filter(
        coalesce(open_gaps.holes, []),
        lambda hole: hole.first_id - 1 <= bucketed.last_trade_id and hole.last_id + 1 >= bucketed.first_trade_id
    )) = 0 as is_final,
    bucketed.fetched_at,
    bucketed.ingest_run_id
from bucketed
inner join series using (source, symbol)
left join open_gaps using (source, symbol)
