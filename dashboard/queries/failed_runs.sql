-- One row per dataset whose newest ingest run did not end well.
select source, dataset, symbol, status, message, updated_at
from (
    select *
    from meta.ingest_runs
    qualify row_number() over (partition by source, dataset, symbol order by started_at desc, ingest_run_id desc) = 1
)
where status in ('failed', 'died', 'partial', 'rate_limited')
order by dataset, source, symbol
