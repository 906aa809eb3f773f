-- One row per symbol: the last close of each step of the last while, oldest first.
with steps as (
    select symbol, time_bucket(to_seconds($step), ts) as ts, arg_max(close, ts) as close
    from serving.bars
    where interval = $interval and ts > now() - to_seconds($span)
    group by all
)
select symbol, list(close order by ts) as closes
from steps
group by symbol
