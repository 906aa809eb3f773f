{# The one place where rules become events: see docs/decisions/0022. Rules are the files of models/signals/rules, found
   by quant/settings/signals.py; here are those of a kind that are on, with the intervals of each. #}
{% macro rules_of(kind) -%}{{ return(var('signal_rules')[kind]) }}{%- endmacro %}

{# What a judged row is made of, and the column of a rule that gives it. #}
{% macro judged_columns() -%}
series_id, line, ts, row_index, side, last_side, is_event, is_of_price, value, threshold, text
{%- endmacro %}

{# The sides of a rule, one CTE per rule, a row per bar; behind where the rule stood (`states`, rows of an earlier
   answer), if anything was judged before. #}
{% macro sides_of_rules(kind, states=none) %}
{%- for rule, intervals in rules_of(kind).items() %}
{{ rule }}_sides as (
    select
        series_id, line, ts, row_index, side, side as remembered, start_side, is_each, is_of_price, value, threshold,
        case when side > 0 then up_text when side < 0 then down_text end as text, is_newest, true as is_new
    from {{ ref(rule) }}
    {% if kind == 'market' -%}
    where interval in ('{{ intervals | join("', '") }}')
    {%- endif %}
    {% if states -%}
    union all
    select
        series_id, line, ts, row_index, side, last_side as remembered, null::tinyint as start_side, false as is_each,
        is_of_price, value, threshold, text, false as is_newest, false as is_new
    from {{ states }}
    where rule = '{{ rule }}'
    {%- endif %}
),
{% endfor %}
{%- endmacro %}

{# Their turns and newest rows, all rules together. #}
{% macro judged_rules(kind) %}
select
    ''::varchar as rule, 0::bigint as series_id, ''::varchar as line, null::timestamptz as ts, 0::bigint as row_index,
    0::tinyint as side, 0::tinyint as last_side, false as is_event, false as is_of_price, 0.0::double as value,
    0.0::double as threshold, ''::varchar as text
where false
{% for rule in rules_of(kind) -%}
union all
select '{{ rule }}', {{ judged_columns() }} from turns_of('{{ rule }}_sides')
{% endfor %}
{%- endmacro %}

{# What rules find that are no events of bars: their rows as they are. #}
{% macro rows_of_rules(kind) %}
select
    ''::varchar as rule, ''::varchar as source, ''::varchar as symbol, ''::varchar as part, null::timestamptz as ts,
    0.0::double as value, 0.0::double as threshold, ''::varchar as explanation
where false
{% for rule in rules_of(kind) -%}
union all
select '{{ rule }}', source, symbol, part, ts, value, threshold, explanation from {{ ref(rule) }}
{% endfor %}
{%- endmacro %}

{# Whether anything is to be judged: planning all rules costs more than a build without news. #}
{% macro has_news() -%}{{ return(not is_incremental() or has('changed') or has('grown')) }}{%- endmacro %}

{# Of a table with a row per bar those that this build judges: of changed series all, of grown ones the new bars. Each table
   by itself, so that a join of them never builds on a whole one for the sake of a few new bars. #}
{% macro judged_rows(model, new='ts > known_until') -%}
(
    select given.*
    from {{ ref(model) }} as given
    inner join {{ ref('changes') }} as changes on given.series_id = changes.series_id
    where kind = 'changed' or (kind = 'grown' and {{ new }})
)
{%- endmacro %}

{# A hook of signals.judgements: where rules stood before the newest bar. Of a grown series alone: of the others nothing
   was left or nothing came. #}
{% macro forget_passed_sides() -%}
    {%- if has('grown') -%}
    delete from {{ this }} as judgements
    using {{ ref('changes') }} as changes
    where judgements.series_id = changes.series_id and kind = 'grown' and ts <= known_until and not is_event
    {%- endif -%}
{%- endmacro %}

{# A hook of signals.events: those whose outcome is not all known yet, of series that got bars. #}
{% macro forget_pending() -%}
    {%- if has('grown') -%}
    delete from {{ this }} as events
    using {{ ref('changes') }} as changes
    where events.series_id = changes.series_id and kind = 'grown' and row_index >= count_before - 5
    {%- endif -%}
{%- endmacro %}
