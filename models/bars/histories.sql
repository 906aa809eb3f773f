-- One row per series_id: a fingerprint of its bars, another one as soon as any of them changed, came or went.
with

changes as (
    from {{ ref('changes') }}
),

series as (
    from {{ ref('series') }}
)

select series_id, source, symbol, interval, hash(count_bars, bits) as history
from changes
inner join series using (series_id)
where kind <> 'gone'
