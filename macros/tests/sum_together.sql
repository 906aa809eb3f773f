{# Groups of rows whose columns do not sum to the number that is given for each, to 1e-12 of their sizes (or
   of 1); groups that hold a NULL are not knowable and pass. #}
{% test sum_together(model, keys, totals) %}
select {{ keys | join(', ') }}
from {{ model }}
group by {{ keys | join(', ') }}
having {% for column, total in totals.items() -%}
    (count({{ column }}) = count(*)
        and abs(sum({{ column }}) - {{ total }}) > 1e-12 * greatest(1, sum(abs({{ column }})))){% if not loop.last %} or {% endif %}
{%- endfor %}
{% endtest %}
