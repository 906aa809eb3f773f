-- One row per (series_id, ts): final weeks of a market with sessions, from its final sessions; rebuilt whole.
with

series as (
    from {{ ref('series') }}
    where asset_class = 'equity' and interval = '1w'
),

sessions as (
    from {{ ref('equity_bars') }}
),

known as (
    select
        source, symbol,
        min(session_date) as first_date,
        max(session_date) as last_date,
        max(fetched_at) as pulled_at
    from sessions
    group by source, symbol
),

-- A week is over with its Friday, or once a later session or pull is there. The first one may lack the
-- sessions that lie before the history, unless it has its Monday.
weeks as (
    select
        sessions.* exclude (ts, end_ts, interval),
        sessions.ts,
        '1w' as span_interval,
        date_trunc('week', session_date)::date as monday,
        monday::timestamp at time zone series.timezone as span_ts,
        sessions.end_ts as span_end_ts,
        monday >= first_date
        and (
            monday + 4 <= last_date
            or pulled_at >= (monday + 5)::timestamp at time zone series.timezone
        ) as is_whole
    from sessions
    inner join series using (source, symbol)
    inner join known using (source, symbol)
),

coarser as (
    from coarser_bars('weeks')
)

select
    series.series_id, source, symbol, series.asset_class, interval, coarser.ts, coarser.end_ts,
    (coarser.ts at time zone series.timezone)::date as session_date, coarser.open, coarser.high,
    coarser.low, coarser.close, coarser.adj_close, coarser.volume, coarser.trade_count,
    coarser.bar_vwap, 'bars' as origin, coarser.split_adjusted_at, coarser.fetched_at,
    coarser.ingest_run_id
from coarser
inner join series using (source, symbol, interval)
