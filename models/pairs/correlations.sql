-- One row per (source_a, a, source_b, b) of two symbols, in both orders, and of each with itself: how their days move.
{{ config(materialized='incremental', incremental_strategy='append', pre_hook='{{ forget_universe() }}') }}
with

bars as (
    from {{ ref('final_bars') }}
    where interval = '1d' and {{ is_universe_lacking() }}
),

paired as (
    from correlations_of('bars')
)

select
    source_a, a, source_b, b, interval,
    correlation_pair, spearman_pair, count_common, first_on, last_on,
    {{ universe() }} as universe
from paired
