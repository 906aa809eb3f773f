-- One row per finding; none is good.
select ts, finding, symbol, source, detail
from meta.quality
order by ts desc nulls first
limit $limit
