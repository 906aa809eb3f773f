{# Rows for which an expression that must hold is false; rows for which it is NULL are not knowable and pass. #}
{% test identity(model, expression) %}
select *
from {{ model }}
where not ({{ expression }})
{% endtest %}
