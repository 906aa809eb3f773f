-- One row per (source, symbol, interval, session_date): what the newest pull said. Impossible
-- prices are NULL, flagged.
with

received as (
    from {{ source('raw', 'equities') }}
),

newest as (
    select *
    from received
    qualify row_number() over (
        partition by source, symbol, interval, session_date order by fetched_at desc,
        ingest_run_id desc
    ) = 1
),

judged as (
    select
        *,
        is_price(close) as has_close,
        is_possible_range(open, high, low, close) as has_range
    from newest
)

select
    source,
    symbol,
    interval,
    session_date,
    ts,
    end_ts,
    case when has_range then open end as open,
    case when has_range then high end as high,
    case when has_range then low end as low,
    case when has_close then close end as close,
    vendor_adj_close,
    volume,
    dividend,
    split_ratio,
    currency,
    is_final,
    has_range as is_possible,
    fetched_at,
    ingest_run_id
from judged
