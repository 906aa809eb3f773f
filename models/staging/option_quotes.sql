-- One row per (source, contract_symbol, ingest_run_id): a contract as one pull saw it. Impossible prices are NULL.
with

received as (
    from {{ source('raw', 'options') }}
    where date >= options_since()
),

once as (  -- a pull that asked twice counts once
    select *
    from received
    qualify row_number() over (partition by source, contract_symbol, ingest_run_id order by fetched_at desc) = 1
)

select
    source,
    underlying,
    contract_symbol,
    expiry_on,
    expires_at,
    is_call,
    strike,
    finite_or_null(bid) as bid,
    finite_or_null(ask) as ask,
    finite_or_null(last_price) as last_price,
    last_trade_at,
    volume,
    open_interest,
    finite_or_null(vendor_iv) as vendor_iv,
    currency,
    case when isfinite(spot) and spot > 0 then spot end as spot,
    quoted_at,
    fetched_at,
    ingest_run_id
from once
