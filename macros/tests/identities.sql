{# Rows for which one of the expressions that must hold is false; where one is NULL it is not knowable and passes. #}
{% test identities(model, expressions) %}
select *
from {{ model }}
where not coalesce({{ expressions | join(', true) or not coalesce(') }}, true)
{% endtest %}
