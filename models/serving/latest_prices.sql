-- One row per symbol: its newest trade, else its newest close. A live view.
with

series as (
    from {{ ref('series') }}
    where interval = '1d'
),

bars as (
    from {{ ref('bars') }}
),

-- Two hours of folders: an older trade is no live price, the newest bar stands in for it.
newest_trades as (
    select
        source,
        symbol,
        max(ts) as ts,
        arg_max(price, trade_id)::double as price,
        max(trade_id) as trade_id
    from {{ ref('trades') }}
    where hour_start >= (now() at time zone 'UTC') - interval 2 hour
        and date >= ((now() at time zone 'UTC') - interval 2 hour)::date
    group by source, symbol
),

newest_bars as (
    select source, symbol, max(end_ts) as end_ts, arg_max(close, end_ts) as close
    from bars
    group by source, symbol
),

priced as (
    select
        series.source,
        series.symbol,
        series.asset_class,
        series.timezone,
        coalesce(newest_trades.ts, newest_bars.end_ts) as ts,
        coalesce(newest_trades.price, newest_bars.close) as price,
        newest_trades.trade_id,
        newest_trades.trade_id is not null as is_live
    from series
    left join newest_trades using (source, symbol)
    left join newest_bars using (source, symbol)
),

-- Midnight ends a bar and begins the next day: a bar's price belongs to the day before its end.
dated as (
    select *, ((ts - case when is_live then interval 0 second else interval 1 second end) at time zone timezone)::date
        as session_date
    from priced
    where price is not null
),

daily as (
    select source, symbol, session_date, close as previous_close
    from bars
    where interval = '1d'
)

select
    dated.source,
    dated.symbol,
    dated.asset_class,
    dated.ts,
    dated.price,
    dated.trade_id,
    daily.previous_close,
    simple_return_of(dated.price, daily.previous_close) as change,
    dated.is_live
from dated
asof left join daily
    on dated.source = daily.source and dated.symbol = daily.symbol and dated.session_date > daily.session_date
