{# Rows in which a number lies outside its [low, high] (null: no bound); NULL passes, NaN and the infinities do not. #}
{% test within(model, ranges) %}
select *
from {{ model }}
where
    {% for column, range in ranges.items() -%}
    not isfinite({{ column }}::double)
    {%- if range[0] is not none %} or {{ column }} < {{ range[0] }}{% endif %}
    {%- if range[1] is not none %} or {{ column }} > {{ range[1] }}{% endif %}
    {% if not loop.last %}or {% endif %}
    {%- endfor %}
{% endtest %}
