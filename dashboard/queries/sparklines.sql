-- One row per symbol: its last closes of one interval, oldest first.
select symbol, list(close order by ts) as closes
from (
    select symbol, ts, close
    from serving.bars
    where interval = $interval and ts > now() - to_seconds($seconds)
    qualify row_number() over (partition by symbol order by ts desc) <= $count
)
group by symbol
