{# Rows that do not begin where the row before of the same series ended. #}
{% test no_gaps(model, column_name, series='series_id', end_column='end_ts') %}
with

stepped as (
    select *, previous({{ end_column }}, {{ series }}, {{ column_name }}) as previous_end
    from {{ model }}
)

select *
from stepped
where previous_end <> {{ column_name }}
{% endtest %}
