-- One row per (source, underlying): its newest chain as a whole, and in words why it has no surface where it has none.
with

newest_chains as (
    from {{ ref('chains') }} where is_newest
),

option_quotes as (
    from {{ ref('serving_option_quotes') }}
),

spots as (  -- each expiry of a chain comes with a spot of its own
    select source, underlying, arg_max(spot, {'quoted_at': quoted_at, 'spot': spot}) as spot
    from option_quotes
    group by source, underlying
),

maturities as (
    select source, underlying, ingest_run_id, atm_iv_constant_maturity as atm_iv_30d, vix_style_index
    from {{ ref('constant_maturity') }}
    where days = 30
),

held as (
    select * exclude (quoted_at, expires_at) from positions('option_quotes')
),

exposed as (
    select source, underlying, ingest_run_id, value as gex from gex('option_quotes')
),

flips as (
    select source, underlying, ingest_run_id, value as gamma_flip from gamma_flip('option_quotes')
)

select
    source, underlying, ingest_run_id, spot, count_expiries, count_quotes, count_two_sided, count_priced,
    count_by_quality, count_by_status, reason, atm_iv_30d, vix_style_index, gex, gamma_flip, call_wall, put_wall,
    call_open_interest::bigint as call_open_interest, put_open_interest::bigint as put_open_interest,
    call_volume::bigint as call_volume, put_volume::bigint as put_volume, put_call_ratio_oi, put_call_ratio_volume,
    quoted_at, fetched_at
from newest_chains
left join spots using (source, underlying)
left join maturities using (source, underlying, ingest_run_id)
left join held using (source, underlying, ingest_run_id)
left join exposed using (source, underlying, ingest_run_id)
left join flips using (source, underlying, ingest_run_id)
