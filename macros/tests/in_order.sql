{# Rows that do not lie in the table as the trailing metrics read it: series by series, in order, counted from 0. #}
{% test in_order(model, series, place, column) %}
with

stepped as (
    select
        {{ series }}, {{ place }}, {{ column }},
        earlier({{ series }}, 1) as series_before,
        earlier({{ place }}, 1) as place_before,
        earlier({{ column }}, 1) as column_before
    from {{ model }}
)

select *
from stepped
where case when {{ series }} is distinct from series_before then {{ place }} <> 0
           else {{ place }} <> place_before + 1 or {{ column }} <= column_before end
{% endtest %}
