{# Rows whose value lies outside [low, high]; NULL passes, NaN and the infinities do not. #}
{% test between(model, column_name, low=none, high=none) %}
select *
from {{ model }}
where
    not isfinite({{ column_name }}::double)
    {% if low is not none %}or {{ column_name }} < {{ low }}{% endif %}
    {% if high is not none %}or {{ column_name }} > {{ high }}{% endif %}
{% endtest %}
