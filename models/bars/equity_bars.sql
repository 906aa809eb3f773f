-- One row per (series_id, ts): final daily bars of a market with sessions, adjusted. Rebuilt whole
-- in every build.
with

series as (
    from {{ ref('series') }}
    where asset_class = 'equity'
),

prices as (
    from {{ ref('equity_prices') }}
    where close is not null and is_final
),

splits as (
    select source, symbol, interval, ts as split_at, split_ratio
    from prices
    where split_ratio > 0
),

-- A pull is split-adjusted as of its instant; a row that newer pulls no longer reach lacks the
-- splits since then.
missed_splits as (
    select prices.source, prices.symbol, prices.interval, prices.ts,
    product(splits.split_ratio) as ratio
    from prices
    inner join splits using (source, symbol, interval)
    where splits.split_at > prices.fetched_at
    group by prices.source, prices.symbol, prices.interval, prices.ts
),

split_adjusted as (
    select
        series.series_id,
        series.asset_class,
        prices.* replace (
            split_adjusted_of(prices.open, ratio) as open,
            split_adjusted_of(prices.high, ratio) as high,
            split_adjusted_of(prices.low, ratio) as low,
            split_adjusted_of(prices.close, ratio) as close,
            split_adjusted_of(prices.dividend, ratio) as dividend,
            prices.volume * coalesce(ratio, 1) as volume
        )
    from prices
    left join missed_splits using (source, symbol, interval, ts)
    inner join series using (source, symbol, interval)
),

with_factor as (
    select *, dividend_factor_of(dividend, previous(close, series_id, ts)) as dividend_factor
    from split_adjusted
)

select
    series_id,
    source,
    symbol,
    asset_class,
    interval,
    ts,
    end_ts,
    session_date,
    open,
    high,
    low,
    close,
    close * product_after(dividend_factor, series_id, ts) as adj_close,
    volume::double as volume,
    null::bigint as trade_count,
    null::double as bar_vwap,
    'session' as origin,
    vendor_adj_close,
    fetched_at,
    ingest_run_id
from with_factor
