-- One row per (series_id, ts): indicators whose every value depends on the path before it.
with

bars as (
    from {{ ref('final_bars') }}
),

sar as (
    from psar('bars')
),

adaptive as (
    from kama('bars')
),

trends as (
    from supertrend('bars')
),

directions as (
    from supertrend_direction('bars')
)

select
    series_id_of(source, symbol, interval) as series_id,
    ts,
    sar.value as psar,
    adaptive.value as kama,
    trends.value as supertrend,
    directions.value as supertrend_direction
from sar
inner join adaptive using (source, symbol, interval, ts)
inner join trends using (source, symbol, interval, ts)
inner join directions using (source, symbol, interval, ts)
