{# Rows of a pair (a, b) whose other order is lacking, or says something else in one of the columns. #}
{% test mirrored(model, a, b, columns) %}
select one.*
from {{ model }} as one
left join {{ model }} as other
    on {% for left, right in zip(a, b) %}one.{{ left }} = other.{{ right }} and one.{{ right }} = other.{{ left }}
    {%- if not loop.last %} and {% endif %}{% endfor %}
where other.{{ a[0] }} is null
    {%- for column in columns %}
    or one.{{ column }} is distinct from other.{{ column }}
    {%- endfor %}
{% endtest %}
