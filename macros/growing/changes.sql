{# What a build asks about bars.changes while it runs, for models whose rows of a series only grow: see "New bars" in
   models/README.md. A series that got more new bars than this is computed whole: each new bar is a step of its own. #}
{% macro most_new_bars() -%}100{%- endmacro %}

{# Whether this table stands from the build before. #}
{% macro goes_on() -%}
    {{ return(execute and not flags.FULL_REFRESH and load_relation(this) is not none) }}
{%- endmacro %}

{# Whether an incremental build found a series of that kind. #}
{% macro has(kind) -%}
    {%- if execute and not is_incremental() -%}{{ return(false) }}{%- endif -%}
    {%- set changes = ref('changes') -%}
    {%- if not execute -%}{{ return(false) }}{%- endif -%}
    {%- set found = run_query("select count(*) from " ~ changes ~ " where kind = '" ~ kind ~ "'") -%}
    {{ return(found.rows[0][0] > 0) }}
{%- endmacro %}

{# A condition for bars: of series that are computed whole, all of them in a full build. #}
{% macro is_changed() -%}
    {%- if not is_incremental() -%}true
    {%- elif has('changed') -%}series_id in (select series_id from {{ ref('changes') }} where kind = 'changed')
    {%- else -%}false{%- endif -%}
{%- endmacro %}

{# A hook: rows of series that are computed whole or are gone. #}
{% macro forget_changed() -%}
    {%- if has('changed') or has('gone') -%}
    delete from {{ this }}
    where series_id in (select series_id from {{ ref('changes') }} where kind in ('changed', 'gone'))
    {%- endif -%}
{%- endmacro %}

{# The same as is_changed, for bars.ordered_returns: as a range of its rows, which leaves them in their order. #}
{% macro is_streamed() -%}
    {%- if execute and not is_incremental() -%}{{ return('true') }}{%- endif -%}
    {%- set returns, changes = ref('ordered_returns'), ref('changes') -%}
    {%- if not has('changed') -%}{{ return('false') }}{%- endif -%}
    {%- set found = run_query("select min(rowid), max(rowid) from " ~ returns
        ~ " where series_id in (select series_id from " ~ changes ~ " where kind = 'changed')") -%}
    {{ return('rowid between ' ~ found.rows[0][0] ~ ' and ' ~ found.rows[0][1]) }}
{%- endmacro %}

{# The rows of a trailing model: streamed over the series that are computed whole (all in a full build), and `newest`,
   a macro that selects the new bars' rows, for those that grew. What there is no series for is not even planned. #}
{% macro trailing(newest, has_states=false) -%}
    {{- config(
        materialized='incremental', incremental_strategy='append', pre_hook='{{ forget_changed() }}',
        post_hook='{{ keep_states() }}' if has_states else []
    ) -}}
    {%- set streamed = caller() -%}
    {%- if not execute -%}{%- set _ = newest() -%}{%- endif -%}
    {%- if not execute or not is_incremental() -%}
    {{ streamed }}
    {%- else -%}
    {% if has('changed') %}{{ streamed }}{% else %}select * from (from {{ this }} limit 0){% endif %}
    {% if has('grown') %}union all by name ({{ newest() }}){% endif %}
    {%- endif -%}
{%- endmacro %}

{# The oldest of the bars that the grown series ended with: what came to them is newer. As a number that a scan can use. #}
{% macro known_until() -%}
    {%- set changes = ref('changes') -%}
    {%- if not execute -%}{{ return("'infinity'::timestamptz") }}{%- endif -%}
    {%- set found = run_query("select min(known_until)::varchar from " ~ changes ~ " where kind = 'grown'") -%}
    {{ return("'" ~ (found.rows[0][0] or 'infinity') ~ "'::timestamptz") }}
{%- endmacro %}
