-- One row per symbol of equities: the close of its newest session, of an open one as well. A live view.
with

sessions as (
    from {{ ref('live_sessions') }}
),

newest as (
    select
        source, symbol, max(as_of) as ts, arg_max(close, as_of) as price,
        arg_max(session_date, as_of) as session_date
    from sessions
    group by source, symbol
),

daily as (
    select source, symbol, session_date, close as previous_close from sessions where is_final
)

select
    newest.source, newest.symbol, 'equity' as asset_class, newest.ts, newest.price,
    null::bigint as trade_id, daily.previous_close,
    simple_return_of(newest.price, daily.previous_close) as change, false as is_live
from newest
asof left join daily
    on newest.source = daily.source
    and newest.symbol = daily.symbol
    and newest.session_date > daily.session_date
where newest.price is not null
