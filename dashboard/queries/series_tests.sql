-- One row: whether returns depend on each other, whether the price comes back, and the GARCH model of a series.
select *
from serving.series_tests
where symbol = $symbol and interval = $interval
