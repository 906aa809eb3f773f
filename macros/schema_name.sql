{# A folder's schema is exactly its name: models/metrics -> metrics, without dbt's prefix. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
