-- One row per metric column, from the yml beside its model.
{{ config(materialized='table') }}
{%- set entries = [] -%}
{%- if execute -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' -%}
        {%- for column in node.columns.values() if column.config.meta.formula -%}
            {%- do entries.append((node, column)) -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endif %}
with

described(metric, relation, unit, formula, source, range, description) as (
    values
    {% for node, column in entries -%}
    (
        {{ dbt.string_literal(column.name) }},
        {{ dbt.string_literal(node.schema ~ '.' ~ node.alias) }},
        {{ dbt.string_literal(column.config.meta.unit) }},
        {{ dbt.string_literal(column.config.meta.formula) }},
        {{ dbt.string_literal(column.config.meta.source | replace("'", "''")) }},
        {{ dbt.string_literal(column.config.meta.range) }},
        {{ dbt.string_literal(column.description | trim | replace("'", "''")) }}
    ),
    {% endfor -%}
    (null, null, null, null, null, null, null)
)

select metric, relation, unit, formula, source, range, description
from described
where metric is not null
order by relation, metric
