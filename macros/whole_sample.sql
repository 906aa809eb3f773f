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

{# For models of all daily series together: computed again as soon as the bars of any of them changed. Their rows carry
   `universe`, the fingerprint of those bars; the hook forgets the rows of another one. #}
{% macro universe() -%}
(select coalesce(bit_xor(hash(series_id, history)), 0) from {{ ref('histories') }} where interval = '1d')
{%- endmacro %}

{% macro forget_universe() %}
{% if is_incremental() -%}
delete from {{ this }} where universe <> {{ universe() }}
{%- endif %}
{% endmacro %}

{# A condition for the model's input. #}
{% macro is_universe_lacking() -%}
{% if is_incremental() %}not exists (from {{ this }}){% else %}true{% endif %}
{%- endmacro %}
