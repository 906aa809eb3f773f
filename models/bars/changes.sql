-- One row per series_id: what became of its bars since the build before, and their fingerprint now.
with

bars as (
    from {{ ref('bars') }}
),

series as (
    from {{ ref('series') }}
),

stored as (
    {% if goes_on() -%}
    select series_id, count_bars, bits, oldest_ts, newest_ts from {{ this }} where kind <> 'gone'
    {%- else -%}
    select
        0::bigint as series_id, 0::bigint as count_bars, 0::ubigint as bits,
        null::timestamptz as oldest_ts, null::timestamptz as newest_ts
    limit 0
    {%- endif %}
),

-- Hashed twice: the inner hash only adds its last column, and what two bars exchange would not show.
hashed as (
    select
        bars.series_id, bars.ts, bars.ts > stored.newest_ts as is_newer,
        hash(hash(bars.ts, end_ts, session_date, open, high, low, close, adj_close, volume)) as bits,
        bars.ts >= stored.newest_ts or bars.ts = stored.oldest_ts as is_listed,
        {
            'ts': bars.ts, 'end_ts': end_ts, 'session_date': session_date,
            'open': open, 'high': high, 'low': low, 'close': close, 'volume': volume, 'adj_close': adj_close
        } as bar
    from bars
    left join stored on bars.series_id = stored.series_id
),

-- An xor without the few bars that are newer is the xor of those before.
found as (
    select
        series_id, count(*) as count_bars, bit_xor(bits) as bits, min(ts) as oldest_ts, max(ts) as newest_ts,
        count(*) filter (is_newer) as count_newer, coalesce(bit_xor(bits) filter (is_newer), 0) as bits_newer,
        list(bar) filter (is_listed) as listed
    from hashed
    group by series_id
),

compared as (
    select
        series_id, found.* exclude (series_id, count_newer, bits_newer), stored.newest_ts as known_until,
        case when stored.series_id is null then 0 else found.count_bars - count_newer end as count_before,
        case when found.series_id is null or series.series_id is null then 'gone'
             when stored.count_bars is distinct from count_before
                  or stored.bits is distinct from xor(found.bits, bits_newer)
                  or found.count_bars > count_before + {{ most_new_bars() }} then 'changed'
             when found.count_bars > count_before then 'grown' else 'same' end as kind
    from found
    full join stored using (series_id)
    left join series using (series_id)
)

-- A grown series brings its new bars along, after its first bar and the newest one that was known.
select
    series_id, kind, count_bars, bits, oldest_ts, newest_ts, known_until, count_before,
    case when kind = 'grown' then listed end as bars
from compared
where kind <> 'gone' or known_until is not null
