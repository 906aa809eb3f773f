-- One row per day (UTC) on which a chain of the underlying was fetched, newest first.
select distinct (fetched_at at time zone 'UTC')::date as day
from serving.option_snapshots
where source = $source and underlying = $underlying
order by day desc
