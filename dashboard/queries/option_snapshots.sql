-- One row per chain of the underlying that was fetched on a day (UTC), newest first.
select ingest_run_id, fetched_at
from serving.option_snapshots
where source = $source and underlying = $underlying and (fetched_at at time zone 'UTC')::date = $day::date
order by fetched_at desc, ingest_run_id desc
