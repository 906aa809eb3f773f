-- One row per portfolio of the configuration: its rules, performance and risk, and why it has none.
select *
from serving.portfolio_summary
order by portfolio
