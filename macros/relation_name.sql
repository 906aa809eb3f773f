{# dbt wants file names to be unique. Where two folders hold a relation of one name, the later one's file carries its
   folder in front: models/serving/serving_bars.sql is serving.bars, models/meta/meta_gaps.sql is meta.gaps. #}
{% macro generate_alias_name(custom_alias_name=none, node=none) -%}
    {%- set prefix = node.fqn[1] ~ '_' -%}
    {%- if custom_alias_name -%}
        {{ custom_alias_name | trim }}
    {%- elif node.name.startswith(prefix) -%}
        {{ node.name[prefix | length:] }}
    {%- else -%}
        {{ node.name }}
    {%- endif -%}
{%- endmacro %}
