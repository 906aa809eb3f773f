-- One row per (portfolio, source, symbol, session_date): daily bars of the members, as portfolio formulas take them.
{{ config(materialized='view') }}
with

members as (
    from {{ source('config', 'portfolio_members') }}
),

-- Without a bar of each member there is no portfolio: what is left would be another one.
portfolios as (
    select portfolios.*
    from {{ source('config', 'portfolios') }} as portfolios
    inner join members using (portfolio)
    left join {{ ref('histories') }} as histories
        on histories.source = members.source and histories.symbol = members.symbol and histories.interval = '1d'
    group by all
    having count(histories.symbol) = count(*)
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
    min(bars.periods_per_year) over (partition by members.portfolio) as periods_per_year,
    members.weight as base_weight,
    portfolios.rebalance as calendar,
    portfolios.volatility_window as deviation_bars
from members
inner join portfolios using (portfolio)
inner join bars using (source, symbol)
