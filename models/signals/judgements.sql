-- One row per (rule, series_id, line, ts): an event, or where a rule stands at the newest bar of a series,
-- from which the next build goes on. Numbers only: signals.events says them in words.
{{ config(
    materialized='incremental', incremental_strategy='append', tags='per_symbol',
    pre_hook='{{ forget_changed() }}', post_hook='{{ forget_passed_sides() }}'
) }}
{% set states = 'states' if is_incremental() else none %}
{% if not has_news() -%}
select * from {{ this }} limit 0
{%- else -%}
with

changes as (
    from {{ ref('changes') }}
),

{% if states -%}
states as (
    select known.*
    from {{ this }} as known
    inner join changes on known.series_id = changes.series_id and known.ts = changes.known_until
    where kind = 'grown'
),
{%- endif %}

{{ sides_of_rules('market', states) }}

judged as (
    {{ judged_rules('market') }}
)

select rule, {{ judged_columns() }}
from judged
{%- endif %}
