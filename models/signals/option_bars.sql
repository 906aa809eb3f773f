-- One row per (series_id, ts): a chain as rules look at it, with what a rule says of itself unless it says
-- otherwise. Of chains quoted at one instant the one that came first.
{{ config(materialized='ephemeral') }}
{% set n = var('window_long') %}
with

exchanges as (
    select timezone from {{ source('config', 'asset_classes') }} where asset_class = 'equity'
),

chains as (
    select
        chains.*, series_id_of(source, underlying, 'chain') as series_id, quoted_at as ts,
        timezone(timezone, quoted_at)::date as session_on
    from {{ ref('option_chains') }} as chains
    cross join exchanges
    qualify row_number() over (
        partition by source, underlying, quoted_at order by chains.fetched_at, ingest_run_id
    ) = 1
),

-- The last chain of a day speaks for it.
days as (
    select series_id, session_on, roll_values(atm_iv_30d, {{ n }}, series_id, session_on) as past
    from (
        select series_id, session_on, arg_max(atm_iv_30d, ts) as atm_iv_30d
        from chains
        where atm_iv_30d is not null
        group by series_id, session_on
    )
),

ranked as (
    select chains.*, iv_rank_of(atm_iv_30d, list_min(past), list_max(past)) as iv_rank
    from chains
    asof left join days on chains.series_id = days.series_id and chains.session_on > days.session_on
)

select
    series_id, source, underlying as symbol, ts, row_index_of(series_id, ts) as row_index, spot as close,
    fetched_at as end_ts, atm_iv_30d, iv_rank, count_parity_breaches, parity_breach, false as is_newest,
    '' as line, null::tinyint as start_side, false as is_each, false as is_of_price
from ranked
