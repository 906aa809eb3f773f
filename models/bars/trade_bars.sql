-- One row per (source, symbol, minute) with a trade: our own one-minute bar, straight from the ticks. A live view.
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
    select
        source,
        symbol,
        date,
        date_trunc('minute', ts) as ts,
        arg_min(price, trade_id)::double as open,
        max(price)::double as high,
        min(price)::double as low,
        arg_max(price, trade_id)::double as close,
        sum(size) as volume,
        sum(price::decimal(19, 8) * size) as quote_volume,
        count(*) as trade_count,
        min(trade_id) as first_trade_id,
        max(trade_id) as last_trade_id,
        max(fetched_at) as fetched_at,
        arg_max(ingest_run_id, trade_id) as ingest_run_id
    from trades
    group by source, symbol, date, date_trunc('minute', ts)
)

select
    series.series_id,
    source,
    symbol,
    series.interval,
    bucketed.date,
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
    -- A hole lies between the trade before it and the trade after it: it may touch the minutes of both.
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
