-- One row per month of the newest years: what it earned.
select year(month_on) as year, month(month_on) as month, monthly_return, n_obs, last_on
from serving.monthly_returns
where source = 'portfolio' and symbol = $portfolio
qualify dense_rank() over (order by year(month_on) desc) <= $years
order by month_on
