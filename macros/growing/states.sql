{# What recursions hand from build to build: metrics.states, see "New bars" in models/README.md. #}

{# A hook of metrics.states: bars that are no longer the newest of their series. #}
{% macro forget_passed() -%}
    {%- if is_incremental() -%}
    delete from {{ this }}
    where (series_id, ts) not in (select (series_id, max(ts)) from {{ this }} group by series_id)
    {%- endif -%}
{%- endmacro %}

{# The table of a full build, in which each model streams its series and brings their states: its columns. #}
{% macro no_states() -%}
    select
        0::bigint as series_id, null::timestamptz as ts, 0::bigint as row_index,
        {'once': 0.0::double, 'twice': 0.0::double, 'medium': 0.0::double, 'thrice': 0.0::double} as averages_state,
        {'fast': 0.0::double, 'slow': 0.0::double, 'ppo_fast': 0.0::double, 'signal': 0.0::double} as macd_state,
        {
            'gain': 0.0::double, 'loss': 0.0::double, 'once': 0.0::double, 'twice': 0.0::double, 'before': 0.0::double,
            'thrice': 0.0::double
        } as momentum_state,
        {'range': 0.0::double, 'middle': 0.0::double, 'channel_range': 0.0::double} as ranges_state,
        {'plus_sum': 0.0::double, 'minus_sum': 0.0::double, 'range_sum': 0.0::double, 'dx': 0.0::double} as directional_state,
        {'variance': 0.0::double} as volatility_state,
        {'flow': 0.0::double, 'located': 0.0::double} as volume_state
    limit 0
{%- endmacro %}

{# A hook: a model whose table, or whose new rows, have a column `state`, known on the newest bar of each series that was
   streamed, hands it over under the model's name. It is a list of one: a column of lists that are nearly all absent costs
   a table less than a column of such structs. It was for that alone: the table does not keep it. New rows come in a
   temporary table that dbt names. #}
{% macro keep_states() -%}
    {%- set states = ref('states') -%}
    {%- if execute -%}
    {%- set is_whole = 'state' in adapter.get_columns_in_relation(this) | map(attribute='name') -%}
    {%- if is_whole or has('changed') -%}
    {%- set newest = run_query("select max(table_name) from duckdb_tables() where temporary and starts_with(table_name, '"
        ~ this.identifier ~ "__dbt_tmp')") -%}
    insert into {{ states }} by name
    select series_id, ts, state[1] as {{ this.identifier }}_state
    from {{ this if is_whole else newest.rows[0][0] }}
    where state is not null
    {%- endif -%}
    {%- if is_whole -%}
    ; alter table {{ this }} drop column state
    {%- endif -%}
    {%- endif -%}
{%- endmacro %}
