-- One row per (series_id, ts): final daily bars of a market with sessions, adjusted. Rebuilt whole
-- in every build.
with

series as (
    from {{ ref('series') }}
    where asset_class = 'equity'
),

-- Sessions without a close as well: their dividend and split are paid all the same.
prices as (
    from {{ ref('equity_prices') }}
),

splits as (
    select source, symbol, interval,
        list({'split_at': ts, 'known_at': split_known_at, 'ratio': split_ratio}) as splits
    from prices
    where split_ratio > 0
    group by source, symbol, interval
),

-- A pull is split-adjusted as of its instant; a row that newer pulls no longer reach, or say less
-- of, lacks the splits since then. Its dividend may be of a newer pull.
outdated as (
    select
        series.series_id,
        series.asset_class,
        prices.*,
        missed_split_ratio(splits, ts, fetched_at) as ratio,
        missed_split_ratio(splits, ts, actions_fetched_at) as dividend_ratio,
        newest_split_known_at(splits) as newest_split_known_at
    from prices
    left join splits using (source, symbol, interval)
    inner join series using (source, symbol, interval)
),

split_adjusted as (
    select * replace (
        split_adjusted_of(open, ratio) as open,
        split_adjusted_of(high, ratio) as high,
        split_adjusted_of(low, ratio) as low,
        split_adjusted_of(close, ratio) as close,
        split_adjusted_of(dividend, dividend_ratio) as dividend,
        split_adjusted_volume_of(volume, ratio) as volume
    )
    from outdated
),

-- What was paid after the newest bar lowers it once there is a bar to show it against: live_sessions.
paid as (
    select *
    from split_adjusted
    qualify ts <= max(case when is_final and close is not null then ts end) over (partition by series_id)
),

with_factor as (
    select *, dividend_factor_of(dividend, previous_known(close, series_id, ts)) as dividend_factor
    from paid
),

adjusted as (
    select *, adjusted_close_of(close, dividend_factor, series_id, ts) as adj_close
    from with_factor
)

select
    series_id, source, symbol, asset_class, interval, ts, end_ts, session_date, open, high, low,
    close, adj_close,
    volume::double as volume,
    null::bigint as trade_count,
    null::double as bar_vwap,
    'session' as origin,
    greatest(fetched_at, newest_split_known_at) as split_adjusted_at,
    vendor_adj_close, fetched_at, ingest_run_id
from adjusted
where is_final and close is not null
