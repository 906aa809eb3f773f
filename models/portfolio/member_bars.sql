-- One row per (portfolio, symbol, session_date): daily bars of the members, as portfolio formulas take them.
{{ config(materialized='view') }}
with

members as (
    from {{ source('config', 'portfolios') }}
),

bars as (
    from {{ ref('final_bars') }}
    where interval = '1d'
)

-- What is computed by interval is computed by portfolio. Calendars differ: the date is the common
-- clock, and the year is that of the member whose market is open least.
select
    members.portfolio,
    bars.source,
    bars.symbol,
    members.portfolio as interval,
    bars.session_date,
    bars.session_date::timestamp at time zone 'UTC' as ts,
    bars.adj_close,
    min(bars.periods_per_year) over (partition by members.portfolio) as periods_per_year
from members
inner join bars using (symbol)
