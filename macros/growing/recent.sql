{# What new bars look back on: metrics.recent_bars, see "New bars" in models/README.md. #}

{# How many bars a trailing window reaches back, the one before it included. #}
{% macro recent_length() -%}
    {{ [
        var('window_long'), var('window_volatility'), var('window_medium'), var('window_rate'), var('window_aroon'),
        var('window_short') + 8, var('window_stochastic') + 2 * var('stochastic_smoothing'),
        [var('ichimoku_short'), var('ichimoku_medium'), var('ichimoku_long')] | max + var('ichimoku_shift'),
        var('window_cci'), var('window_mfi'),
        [var('window_ultimate_short'), var('window_ultimate_medium'), var('window_ultimate_long')] | max
    ] | max + 1 }}
{%- endmacro %}

{# A hook: bars that no new one reaches any more, as soon as they are the greater part. #}
{% macro forget_old() -%}
    {%- set changes = ref('changes') -%}
    {%- if execute and is_incremental() -%}
    {%- set found = run_query("select (select count(*) from " ~ this ~ ") > 2 * sum(least(count_bars, " ~ recent_length()
        ~ ")) from " ~ changes) -%}
    {%- if found.rows[0][0] -%}
    delete from {{ this }} as recent
    using {{ changes }} as changes
    where recent.series_id = changes.series_id and row_index < count_before - {{ recent_length() }}
    {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{# The bars that series got since the build before, and those with `before` more ahead of them. #}
{% macro new_bars(before=0) -%}
    select recent.*
    from {{ ref('recent_bars') }} as recent
    inner join {{ ref('changes') }} as changes using (series_id)
    where kind = 'grown' and row_index >= count_before - {{ before }}
{%- endmacro %}

{# Each new bar `newest` beside the bars `past` that lie up to length - 1 before it; `age_of` says how many before. #}
{% macro beside_past(bars, newest, length) -%}
    from {{ bars }} as past
    inner join {{ newest }} as newest
        on past.series_id = newest.series_id
        and past.row_index between newest.row_index - ({{ length }} - 1) and newest.row_index
{%- endmacro %}
