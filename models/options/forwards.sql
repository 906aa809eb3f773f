-- One row per (source, underlying, ingest_run_id, expires_at): the forward and discount of an expiry of a chain.
-- Incremental: a pull never changes.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    post_hook='{{ forget_unkept_chains() }}'
) }}
with

unseen as (
    from {{ ref('quotes') }}
    {% if is_incremental() %}
    anti join {{ this }} using (source, underlying, ingest_run_id)
    {% endif %}
),

pulls as (
    select source, underlying, ingest_run_id, max(fetched_at) as fetched_at
    from unseen
    group by source, underlying, ingest_run_id
),

implied as (
    from forwards('unseen')
)

select
    source, underlying, ingest_run_id, expires_at, expiry_on, years, spot, forward, discount, rate, implied_rate,
    implied_dividend_yield, implied_borrow, forward_method, n_pairs, parity_error, is_american, quoted_at, fetched_at
from implied
join pulls using (source, underlying, ingest_run_id)
