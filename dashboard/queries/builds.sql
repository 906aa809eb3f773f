-- One row per build, newest first. A full build has no boundary: it reads everything.
select
    build_id, kind, started_at, seconds, tested_at,
    nullif(boundary, to_timestamp(0)) as boundary, fingerprint
from meta.builds
order by build_id desc
limit $limit
