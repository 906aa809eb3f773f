-- One row per (source, underlying, ingest_run_id): what a pull of a chain says as a whole, with its smiles and its
-- violations as lists. Stored, though SQL alone: to plan these questions takes DuckDB half a second, and to answer them
-- of every chain more. A pull never changes.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    post_hook='{{ forget_unkept_chains() }}'
) }}
{%- call of_new_chains() %}
with

chains as (
    select distinct source, underlying, ingest_run_id from {{ ref('forwards') }}
    {% if is_incremental() %}
    anti join {{ this }} using (source, underlying, ingest_run_id)
    {% endif %}
),

quotes as (from {{ ref('priced_quotes') }} semi join chains using (source, underlying, ingest_run_id)),
svi_fits as (from {{ ref('svi_fits') }} semi join chains using (source, underlying, ingest_run_id)),

maturities as (
    select source, underlying, ingest_run_id, atm_iv_constant_maturity as atm_iv_30d, vix_style_index
    from {{ ref('constant_maturity') }}
    where days = 30
),

counted as (  -- each expiry of a chain comes with a spot of its own
    select
        source, underlying, ingest_run_id, max(quoted_at) as quoted_at, max(fetched_at) as fetched_at,
        arg_max(spot, {'quoted_at': quoted_at, 'spot': spot}) as spot,
        count(distinct expires_at) as count_expiries, count(*) as count_quotes, count(mid) as count_two_sided,
        count(implied_vol) as count_priced, histogram(quality) as count_by_quality,
        histogram(iv_status) filter (mid is not null) as count_by_status
    from quotes
    group by source, underlying, ingest_run_id
),

smiles as (
    select source, underlying, ingest_run_id,
        list({
            'expires_at': expires_at, 'expiry_on': expiry_on, 'years': years, 'strike': strike, 'forward': forward,
            'log_moneyness': log_moneyness, 'is_call': is_call, 'implied_vol': implied_vol,
            'total_variance': total_variance, 'svi_vol': svi_vol, 'svi_error': svi_error, 'ssvi_vol': ssvi_vol,
            'quoted_at': quoted_at
        } order by expires_at, strike) as smile
    from fitted_smile('quotes', 'svi_fits')
    group by source, underlying, ingest_run_id
),

broken as (
    select source, underlying, ingest_run_id,
        list({
            'expires_at': expires_at, 'strike': strike, 'is_call': is_call, 'rule': rule, 'excess': excess,
            'quoted_at': quoted_at
        } order by expires_at, strike, is_call, rule) as violations
    from (from arbitrage_violations('quotes') union all by name from fitted_violations('quotes', 'svi_fits'))
    group by source, underlying, ingest_run_id
),

held as (select * exclude (quoted_at, expires_at) from positions('quotes')),
exposed as (select source, underlying, ingest_run_id, value as gex from gex('quotes')),
flips as (select source, underlying, ingest_run_id, value as gamma_flip from gamma_flip('quotes'))

select
    counted.*, atm_iv_30d, vix_style_index, gex, gamma_flip, call_wall, put_wall,
    call_open_interest::bigint as call_open_interest, put_open_interest::bigint as put_open_interest,
    call_volume::bigint as call_volume, put_volume::bigint as put_volume, put_call_ratio_oi, put_call_ratio_volume,
    smile, violations
from counted
left join maturities using (source, underlying, ingest_run_id)
left join held using (source, underlying, ingest_run_id)
left join exposed using (source, underlying, ingest_run_id)
left join flips using (source, underlying, ingest_run_id)
left join smiles using (source, underlying, ingest_run_id)
left join broken using (source, underlying, ingest_run_id)
{% endcall %}
