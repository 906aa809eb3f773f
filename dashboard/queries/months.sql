-- One row per month of the newest years, and one per year as period 13: its return, dividends reinvested.
-- greatest_move is the largest return of a month, up or down: the ends of the scale of colours.
with months as (
    select year(month_on) as year, month(month_on) as period, monthly_return, n_obs, last_on
    from serving.monthly_returns
    where source = $source and symbol = $symbol
    qualify year(month_on) > max(year(month_on)) over () - $years
),
years as (
    select
        year, 13 as period, total_return(monthly_return) as total, sum(n_obs)::bigint as n_obs,
        max(last_on) as last_on
    from months
    group by year
),
periods as (
    from months
    union all
    from years
)
select
    year, period, monthly_return as period_return, n_obs, last_on,
    (select max(abs(monthly_return)) from months) as greatest_move
from periods
order by year desc, period
