-- One row per (source, symbol, interval, lag): how much of a log return follows from the one so many bars before.
with

series as (
    from {{ ref('series') }}
),

lagged as (
    from {{ ref('dependence') }}
)

select
    source, symbol, interval, lag, autocorrelation, partial_autocorrelation
from lagged
inner join series using (series_id)
