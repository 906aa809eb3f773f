{# Groups of rows whose column does not sum to the total that another relation has of the group, to 1e-12 of the sizes
   of the numbers (or of 1); groups that hold a NULL are not knowable and pass. #}
{% test sums_to(model, keys, column, of, total) %}
select {{ keys | join(', ') }}
from {{ model }}
inner join {{ of }} using ({{ keys | join(', ') }})
group by {{ keys | join(', ') }}
having count({{ column }}) = count(*)
    and abs(sum({{ column }}) - any_value({{ total }})) > 1e-12 * greatest(1, abs(any_value({{ total }})), sum(abs({{ column }})))
{% endtest %}
