-- One row per symbol: its newest trade, else its newest close, of an open session as well. A live
-- view.
with

priced as (
    from {{ ref('crypto_prices') }}
    union all
    from {{ ref('serving_equity_prices') }}
)

select source, symbol, asset_class, ts, price, trade_id, previous_close, change, is_live
from priced
