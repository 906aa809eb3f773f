-- One row per underlying that has options: its newest chain, and in words why that has no volatility, if so.
select source, underlying, ingest_run_id, count_quotes, reason
from serving.option_chains
qualify row_number() over (partition by underlying order by count_quotes > 0 desc, fetched_at desc, source) = 1
order by underlying
