-- One row per symbol, portfolio and underlying that has figures.
select kind, name
from (
    select distinct 'symbol' as kind, symbol as name from serving.latest_metrics
    union all
    select 'portfolio' as kind, portfolio as name from serving.portfolio_summary
    union all
    select 'underlying' as kind, underlying as name from serving.option_chains
)
order by kind desc, name
