-- One row per symbol: how complete its trades are in all.
select source, symbol, first_date, row_count, count_missing, count_absent, count_open, count_unexplained, count_duplicates
from serving.completeness
order by source, symbol
