-- One row per final bar, as received, whose prices cannot be.
with

klines as (
    from {{ ref('klines') }}
    where is_final
),

equity_prices as (
    from {{ ref('equity_prices') }}
    where is_final
)

select
    'impossible_bar' as finding,
    source,
    symbol,
    ts,
    format('{} bar: open {}, high {}, low {}, close {}', interval, open, high, low, close) as detail
from klines
where not is_possible_range(open, high, low, close)
union all
select
    'impossible_bar' as finding,
    source,
    symbol,
    ts,
    format('session {}: prices are missing or contradict each other', session_date) as detail
from equity_prices
where not is_possible
