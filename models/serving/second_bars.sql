-- One row per second with a trade. A live view: filter on symbol and date.
with

trades as (
    from {{ ref('trades') }}
),

bars as (
    from bars_of_trades('trades', 'second')
)

select
    source,
    symbol,
    date,
    ts,
    open::double as open,
    high::double as high,
    low::double as low,
    close::double as close,
    volume::double as volume,
    trade_count,
    bar_vwap_of(quote_volume, volume)::double as bar_vwap,
    quote_volume::double as notional,
    taker_imbalance_of(volume - sold_volume, sold_volume)::double as taker_imbalance,
    ingest_run_id
from bars
