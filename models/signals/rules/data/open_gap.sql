-- Trades are missing: a range of trade ids that is not filled. It stands until it is filled or known to be
-- absent; ts is the instant at which it was found. What is left of a gap that is filled from its beginning
-- is the same gap.
select
    source, symbol, last_trade_id::varchar as part,
    detected_at as ts,
    (last_trade_id - first_trade_id + 1)::double as value,
    0.0::double as threshold,
    format(
        'Trades of {} from {} are missing: ids {} to {} ({}).', symbol, source, first_trade_id, last_trade_id,
        coalesce(reason, 'no reason known')
    ) as explanation
from {{ ref('meta_gaps') }}
where status = 'open'
