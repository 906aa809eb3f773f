-- One row: the newest build and how old it is.
select build_id, kind, started_at, seconds, epoch(now() - started_at) as age_seconds
from meta.builds
order by build_id desc
limit 1
