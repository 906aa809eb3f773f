-- One row per symbol of crypto: its newest trade, else its newest close. A live view.
with

series as (
    from {{ ref('series') }}
    where asset_class = 'crypto' and interval = '1d'
),

tails as (
    from {{ ref('tails') }}
    where asset_class = 'crypto'
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
    select
        source, symbol, max(end_ts) as bar_ts, arg_max(close, end_ts) as close,
        arg_max(session_date, end_ts) as session_date
    from tails
    group by source, symbol
),

priced as (
    select
        series.source,
        series.symbol,
        series.asset_class,
        coalesce(newest_trades.ts >= coalesce(bar_ts, newest_trades.ts), false) as is_live,
        case when is_live then newest_trades.ts else bar_ts end as ts,
        case when is_live then newest_trades.price else newest_bars.close end as price,
        case when is_live then newest_trades.trade_id end as trade_id,
        case when is_live then (newest_trades.ts at time zone series.timezone)::date else newest_bars.session_date end
            as session_date
    from series
    left join newest_trades using (source, symbol)
    left join newest_bars using (source, symbol)
),

daily as (
    select source, symbol, session_date, close as previous_close from tails where interval = '1d'
)

select
    priced.source, priced.symbol, priced.asset_class, priced.ts, priced.price, priced.trade_id,
    daily.previous_close, simple_return_of(priced.price, daily.previous_close) as change,
    priced.is_live
from priced
asof left join daily
    on priced.source = daily.source
    and priced.symbol = daily.symbol
    and priced.session_date > daily.session_date
where priced.price is not null
