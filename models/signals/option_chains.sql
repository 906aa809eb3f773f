-- One row per (source, underlying, ingest_run_id): what rules look at in a chain. A pull never changes, so
-- each is measured once.
{{ config(
    materialized='incremental', incremental_strategy='append', tags='per_symbol',
    post_hook='{{ forget_unkept_chains() }}'
) }}
with

expiries as (
    from {{ ref('term_structure') }}
    {% if is_incremental() %}
    anti join {{ this }} using (source, underlying, ingest_run_id)
    {% endif %}
),

measured as (
    select
        source, underlying, ingest_run_id, max(quoted_at) as quoted_at, max(fetched_at) as fetched_at,
        any_value(spot) as spot,
        vol_of(
            variance_on(
                30 / 365, case when atm_forward_iv is not null and years > 0 then years end,
                total_variance(atm_forward_iv, years)
            ),
            30 / 365
        ) as atm_iv_30d
    from expiries
    group by source, underlying, ingest_run_id
),

priced as (
    select priced_quotes.*
    from {{ ref('priced_quotes') }} as priced_quotes
    semi join measured using (source, underlying, ingest_run_id)
),

breaches as (
    select
        source, underlying, ingest_run_id, count_if(is_violation) as count_parity_breaches,
        max(breach) filter (is_violation) as parity_breach
    from parity_checks('priced')
    group by source, underlying, ingest_run_id
)

select
    source, underlying, ingest_run_id, quoted_at, fetched_at, spot, atm_iv_30d,
    coalesce(count_parity_breaches, 0)::bigint as count_parity_breaches, parity_breach
from measured
left join breaches using (source, underlying, ingest_run_id)
