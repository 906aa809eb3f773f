-- One row per series_id: a fingerprint of its bars, another one as soon as any of them changed, came or went.
with

bars as (
    from {{ ref('ordered_returns') }}
),

series as (
    from {{ ref('series') }}
),

-- Hashed twice: the inner hash only adds its last column, and what two bars exchange would not show.
hashed as (
    select series_id, hash(hash(ts, end_ts, session_date, open, high, low, close, adj_close, volume)) as bar_hash
    from bars
),

united as (
    select series_id, hash(count(*), bit_xor(bar_hash)) as history
    from hashed
    group by series_id
)

select series_id, source, symbol, interval, united.history
from united
inner join series using (series_id)
