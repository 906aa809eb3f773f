{# Rows that do not lie in the table as the trailing metrics read it: each is the first of its series, or follows the one
   before it; only a bar that a later build added may lie further behind. #}
{% test in_order(model, series, place, column) %}
with

stepped as (
    select
        {{ series }}, {{ place }}, {{ column }}, row_number() over () as lies,
        earlier({{ series }}, 1) as series_before,
        earlier({{ place }}, 1) as place_before,
        earlier({{ column }}, 1) as column_before
    from {{ model }}
),

torn as (
    select *
    from stepped
    where {{ place }} > 0
        and (series_before, place_before) is distinct from ({{ series }}, {{ place }} - 1)
)

select {{ series }}, {{ place }}, {{ column }}
from stepped
where {{ place }} > 0 and series_before = {{ series }} and place_before = {{ place }} - 1 and {{ column }} <= column_before
union all
select torn.{{ series }}, torn.{{ place }}, torn.{{ column }}
from torn
left join stepped as whole on whole.{{ series }} = torn.{{ series }} and whole.{{ place }} = torn.{{ place }} - 1
where whole.lies is null or whole.lies > torn.lies or whole.{{ column }} >= torn.{{ column }}
{% endtest %}
