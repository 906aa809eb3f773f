{# The surface as of any past instant, of the chains that were known then: `from option_surface_as_of('2026-11-20 15:30:00Z')`
   in each build. A macro that names relations has to follow them, so it is no formula file; the hook of the smile makes it. #}
{% macro create_surface_as_of() -%}
create or replace macro option_surface_as_of(instant) as table
    with

    known_chains as (
        select
            source, underlying,
            arg_max(ingest_run_id, {'fetched_at': fetched_at, 'ingest_run_id': ingest_run_id}) as ingest_run_id
        from {{ ref('forwards').include(database=false) }}
        where fetched_at <= instant::timestamptz
        group by source, underlying
    )

    select
        source, underlying, ingest_run_id, quoted_at, expires_at, expiry_on, years, strike, forward, log_moneyness,
        is_call, implied_vol, svi_vol, svi_error, ssvi_vol
    from (
        select source, underlying, ingest_run_id, unnest(smile, max_depth := 2)
        from {{ ref('snapshots').include(database=false) }}
        semi join known_chains using (source, underlying, ingest_run_id)
    );
comment on macro table option_surface_as_of is 'the volatility surface of each underlying as it was known at an instant';
{%- endmacro %}

{# For tables of chains: forgets those that `options.keep_days` lets go. #}
{% macro forget_unkept_chains() -%}
delete from {{ this }} where (fetched_at at time zone 'UTC')::date < options_since()
{%- endmacro %}

{# For american_quotes, which holds the newest chains alone: forgets those that no longer are. #}
{% macro forget_older_chains() -%}
{% if is_incremental() -%}
delete from {{ this }}
where (source, underlying, ingest_run_id) not in (
    select (source, underlying, ingest_run_id) from {{ ref('newest_chains') }}
)
{%- endif %}
{%- endmacro %}

{# For tables whose rows are made chain by chain, `caller` from those that options.forwards has and this table lacks: an
   incremental build without a new chain plans none of it. #}
{% macro of_new_chains() -%}
    {%- set chains, rows = ref('forwards'), caller() -%}
    {%- if not execute or not is_incremental() -%}{{ return(rows) }}{%- endif -%}
    {%- set lacking = run_query("select count(*) from " ~ chains ~ " anti join " ~ this
        ~ " using (source, underlying, ingest_run_id)") -%}
    {{ return(rows if lacking.rows[0][0] > 0 else "select * from (from " ~ this ~ " limit 0)") }}
{%- endmacro %}
