-- One row per final bar with every metric that is stored of it, and of these none: the columns are the answer.
select *
from serving.metrics
limit 0
