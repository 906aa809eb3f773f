{# For models of whole samples, see models/README.md: a build computes only the series whose bars changed. The hook
   forgets what was made of other bars than those of today, and the model then computes the series that it lacks. #}
{% macro forget_stale() %}
{% if is_incremental() -%}
delete from {{ this }} where (series_id, history) not in (select (series_id, history) from {{ ref('histories') }})
{%- endif %}
{% endmacro %}

{# A condition for the model's input. #}
{% macro is_lacking() -%}
{% if is_incremental() %}series_id not in (select series_id from {{ this }}){% else %}true{% endif %}
{%- endmacro %}
