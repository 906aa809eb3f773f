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
