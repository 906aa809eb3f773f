-- One row per finding; empty is good.
{{ config(materialized='table') }}
with

trade_bars as (
    from {{ ref('trade_bars') }}
    where date >= (now() at time zone 'UTC')::date - 7
),

klines as (
    from {{ ref('klines') }}
    where is_final
),

equity_prices as (
    from {{ ref('equity_prices') }}
),

equity_bars as (
    from {{ ref('equity_bars') }}
),

gaps as (
    from {{ ref('gaps') }}
    where status = 'open'
),

-- The first minute of a recording began before it: it is judged only if the trade before its first one is known.
whole_trade_bars as (
    select *
    from trade_bars
    qualify is_final and previous(last_trade_id, series_id, ts) = first_trade_id - 1
),

bar_mismatch as (
    select
        'bar_mismatch' as finding,
        source,
        symbol,
        ts,
        format(
            'ours {} {} {} {} {} {}, exchange {} {} {} {} {} {}',
            ours.open, ours.high, ours.low, ours.close, ours.volume, ours.trade_count,
            theirs.open, theirs.high, theirs.low, theirs.close, theirs.volume, theirs.trade_count
        ) as detail
    from whole_trade_bars as ours
    inner join klines as theirs using (source, symbol, interval, ts)
    where
        (ours.open, ours.high, ours.low, ours.close) is distinct from
        (theirs.open::double, theirs.high::double, theirs.low::double, theirs.close::double)
        or ours.volume <> theirs.volume
        or ours.trade_count <> theirs.trade_count
),

trade_ids as (
    select
        case
            when trade_count > last_trade_id - first_trade_id + 1 then 'duplicate_trades'
            else 'unexplained_hole'
        end as finding,
        source,
        symbol,
        ts,
        format('{} trades with ids {} to {}', trade_count, first_trade_id, last_trade_id) as detail
    from whole_trade_bars
    where trade_count <> last_trade_id - first_trade_id + 1
),

open_gap as (
    select 'open_gap' as finding, source, symbol, detected_at as ts,
        format('ids {} to {}: {}', first_trade_id, last_trade_id, reason) as detail
    from gaps
),

impossible_kline as (
    select 'impossible_bar' as finding, source, symbol, ts, format('{} {} {} {}', open, high, low, close) as detail
    from klines
    where not is_possible_range(open, high, low, close)
),

impossible_price as (
    select 'impossible_bar' as finding, source, symbol, ts, 'a price that cannot be: see staging.equity_prices' as detail
    from equity_prices
    where not is_possible and is_final
),

-- Ours from dividends against the vendor's own adjustment, where the newest pull reaches.
adjustment as (
    select 'adjustment_mismatch' as finding, source, symbol, ts,
        format('adjusted close {} of ours, {} of the vendor', adj_close, vendor_adj_close) as detail
    from equity_bars
    where fetched_at = (select max(other.fetched_at) from equity_bars as other where other.series_id = equity_bars.series_id)
        and abs(adj_close / nullif(vendor_adj_close, 0) - 1) > 0.001
)

select finding, source, symbol, ts, detail from bar_mismatch
union all
select finding, source, symbol, ts, detail from trade_ids
union all
select finding, source, symbol, ts, detail from open_gap
union all
select finding, source, symbol, ts, detail from impossible_kline
union all
select finding, source, symbol, ts, detail from impossible_price
union all
select finding, source, symbol, ts, detail from adjustment
