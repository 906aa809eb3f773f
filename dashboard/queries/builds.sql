-- One row per build, newest first.
select build_id, kind, started_at, seconds, tested_at, boundary, fingerprint
from meta.builds
order by build_id desc
limit $limit
