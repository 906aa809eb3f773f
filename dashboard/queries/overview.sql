-- One row per point of the close over all final bars of a series, as few as draw the same line.
with points as (
    select 'close' as series, ts, close as value
    from serving.final_bars
    where source = $source and symbol = $symbol and interval = $interval
)
select ts, value as close
from m4('points', $stretches)
order by ts
