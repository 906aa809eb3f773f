{# For meta.catalog: the numbers that a stored column was given. `parameters` of its yml names config.yaml's numbers;
   this gives `n := 50; k := 2.0`. #}
{% macro settings_of(meta) -%}
    {%- set given = [] -%}
    {%- for parameter, setting in meta.get('parameters', {}).items() -%}
        {%- if setting is string -%}
            {%- do given.append(parameter ~ ' := ' ~ var(setting)) -%}
        {%- else -%}
            {%- set each = [] -%}
            {%- for name in setting -%}{%- do each.append(var(name)) -%}{%- endfor -%}
            {%- do given.append(parameter ~ ' := [' ~ each | join(', ') ~ ']') -%}
        {%- endif -%}
    {%- endfor -%}
    {{ given | join('; ') }}
{%- endmacro %}

{# The signature or example `text` with those numbers instead of the defaults. #}
{% macro with_settings(text, settings) -%}
    list_reduce(
        list_filter(string_split(coalesce({{ settings }}, ''), '; '), lambda each: each <> ''),
        lambda done, each: regexp_replace(
            done, '\b' || split_part(each, ' := ', 1) || ' := (\[[^\]]*\]|[^,)]+)', each
        ),
        {{ text }}
    )
{%- endmacro %}

{# Every metric that the yml files describe: of columns of models, and of `metrics` in the meta of one. #}
{% macro catalogue_entries() -%}
    {%- set entries = [] -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' -%}
        {%- set relation = none if node.name == 'catalog' else node.schema ~ '.' ~ node.alias -%}
        {%- for metric, meta in (node.config.meta.metrics or {}).items() -%}
            {%- do entries.append([metric, metric, relation, none, false, meta.unit, metric, meta.source, meta.range,
                settings_of(meta), 'symbol' if meta.is_whole_sample else 'ts desc, symbol', meta.description]) -%}
        {%- endfor -%}
        {%- for column in node.columns.values() if column.config.meta.formula -%}
            {%- set meta = column.config.meta -%}
            {%- set is_vector = 'lag' in node.columns or 'holding_bars' in node.columns -%}
            {%- set order = 'ts desc, symbol' if not meta.get('is_whole_sample', 'ts' not in node.columns)
                else 'symbol, k' if is_vector else 'symbol' -%}
            {%- do entries.append([column.name, meta.macro or column.name, relation, column.name,
                'series_id' in node.columns and 'symbol' not in node.columns, meta.unit, meta.formula, meta.source,
                meta.range, settings_of(meta), order, column.description]) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(entries) }}
{%- endmacro %}
