-- One row per (series_id, lag): how much of a log return follows from the one so many bars before.
with

bars as (
    from {{ ref('final_bars') }}
),

simple as (
    from autocorrelation('bars')
),

partial as (
    from partial_autocorrelation('bars')
)

select
    series_id_of(source, symbol, interval) as series_id,
    k as lag,
    simple.value as autocorrelation,
    partial.value as partial_autocorrelation
from simple
inner join partial using (source, symbol, interval, k)
