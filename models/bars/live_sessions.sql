-- One row per (source, symbol, ts): the newest final sessions of equities and what the vendor said
-- since, adjusted as one series.
{{ config(materialized='view') }}
with

stored as (
    from {{ ref('tails') }}
    where asset_class = 'equity' and interval = '1d'
),

newer as (
    from {{ ref('newer_sessions') }}
),

series as (
    from {{ ref('series') }}
    where asset_class = 'equity' and interval = '1d'
),

splits as (
    select source, symbol,
        list({'split_at': ts, 'known_at': split_known_at, 'ratio': split_ratio}) as splits
    from newer
    where split_ratio > 0
    group by source, symbol
),

united as (
    select
        source, symbol, session_date, ts, end_ts, open, high, low, close, adj_close, volume,
        0.0 as dividend, true as is_final, true as is_stored, split_adjusted_at,
        split_adjusted_at as actions_fetched_at, fetched_at, ingest_run_id
    from stored
    union all
    select
        source, symbol, session_date, ts, end_ts, open, high, low, close, close as adj_close,
        volume::double as volume, dividend, is_final, false as is_stored,
        fetched_at as split_adjusted_at, actions_fetched_at, fetched_at, ingest_run_id
    from newer
),

split_adjusted as (
    select
        united.*,
        series.periods_per_year,
        splits,
        missed_split_ratio(splits, ts, split_adjusted_at) as ratio,
        missed_split_ratio(splits, ts, actions_fetched_at) as dividend_ratio
    from united
    inner join series using (source, symbol)
    left join splits using (source, symbol)
),

with_factor as (
    select
        * replace (
            split_adjusted_of(open, ratio) as open,
            split_adjusted_of(high, ratio) as high,
            split_adjusted_of(low, ratio) as low,
            split_adjusted_of(close, ratio) as close,
            split_adjusted_of(adj_close, ratio) as adj_close,
            split_adjusted_volume_of(volume, ratio) as volume
        ),
        dividend_factor_of(
            split_adjusted_of(dividend, dividend_ratio),
            previous_known(split_adjusted_of(close, ratio), symbol, ts)
        ) as dividend_factor
    from split_adjusted
)

-- A literal interval: a filter on another one skips this whole part.
select
    source, symbol, 'equity' as asset_class, '1d' as interval, ts, end_ts,
    case when is_final then end_ts else least(end_ts, fetched_at) end as as_of, session_date, open,
    high, low, close, adjusted_close_of(adj_close, dividend_factor, symbol, ts) as adj_close,
    volume, null::bigint as trade_count, null::double as bar_vwap, is_final, is_stored, splits,
    adjusted_close_of(1.0, dividend_factor, symbol, ts) as later_dividends, ingest_run_id,
    periods_per_year
from with_factor
qualify close is not null
