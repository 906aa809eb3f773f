-- One row per metric, from the yml beside the model that stores it and the macro that computes it for any parameters.
{{ config(materialized='table') }}
{%- set entries = catalogue_entries() if execute else [] -%}
with

described(
    metric, macro, relation, column_name, has_series, unit, formula, source, range, settings, row_order, description
) as (
    values
    {% for entry in entries -%}
    (
        {%- for value in entry -%}
        {%- if value is boolean or value is none -%}{{ 'null' if value is none else value }}
        {%- else -%}{{ dbt.string_literal(value | trim | replace("'", "''")) }}{%- endif -%}
        {%- if not loop.last %}, {% endif -%}
        {%- endfor -%}
    ),
    {% endfor -%}
    (null, null, null, null, null, null, null, null, null, null, null, null)
),

registry as (
    from {{ source('config', 'metrics') }}
),

-- The table macro of a column has its name, or that of its formula.
named as (
    select described.* replace (coalesce(own.metric, other.metric) as macro)
    from described
    left join registry as own on own.metric = described.macro
    left join registry as other on other.metric = described.formula
    where described.metric is not null
),

-- A metric that is stored only with other parameters, under other names, is described like those.
known as (
    from named
    union all by name
    select named.* exclude (metric, description), registry.metric, registry.comment as description
    from registry
    inner join named on named.macro = registry.metric
    anti join named as own on own.metric = registry.metric
    qualify row_number() over (partition by registry.metric order by named.metric) = 1
    union all by name
    select metric, metric as macro, signature as formula, comment as description
    from registry
    anti join named on named.macro = registry.metric
),

single as (
    from known qualify row_number() over (partition by metric order by relation nulls last) = 1
)

select
    single.metric, coalesce(registry.family, split_part(single.relation, '.', 2)) as family, single.relation,
    single.relation || coalesce('.' || single.column_name, '') as stored_in, single.unit, single.formula,
    registry.metric as macro, {{ with_settings('registry.parameters', 'single.settings') }} as parameters,
    single.source, single.range, single.description,
    coalesce({{ with_settings(
        "replace(registry.example, 'order by ts desc, symbol', 'order by ' || coalesce(row_order, 'ts desc, symbol'))",
        'single.settings'
    ) }}, format(
        case when registry.needs_factors
             then 'select ''quant compute {0} --bars FILE --factors FACTORS.csv'' as command;'
             when single.relation is null then 'select ''quant compute {0} --bars FILE'' as command;'
             when single.has_series
             then 'select symbol, m.* exclude (series_id) from {1} m join bars.series using (series_id){2} limit 5;'
             else 'from {1}{2} limit 5;' end,
        single.metric, coalesce(single.relation, ''), coalesce(' where ' || single.column_name || ' is not null', '')
    )) as example
from single
left join registry on registry.metric = single.macro
order by single.relation, single.metric
