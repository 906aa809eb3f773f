-- One row per kind of finding and symbol; none is good.
select finding, source, symbol, count(*) as count_rows
from meta.quality
group by finding, source, symbol
order by finding, source, symbol
