-- One row per (series_id, lag): how much of a log return follows from the one so many bars before.
{{ config(materialized='incremental', incremental_strategy='append', pre_hook='{{ forget_stale() }}') }}
with

histories as (
    from {{ ref('histories') }}
),

bars as (
    from {{ ref('final_bars') }}
    where {{ is_lacking() }}
),

simple as (
    from autocorrelation('bars')
),

partial as (
    from partial_autocorrelation('bars')
)

select
    histories.series_id,
    k as lag,
    simple.value as autocorrelation,
    partial.value as partial_autocorrelation,
    histories.history
from simple
inner join histories using (source, symbol, interval)
inner join partial using (source, symbol, interval, k)
