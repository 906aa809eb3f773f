-- Call and put of a strike can be traded outside the bounds of put-call parity, by more than the threshold:
-- up, a chain has such strikes and the chain before had none. Mostly a stale quote, and rarely a gift.
select
    *,
    case when parity_breach > {{ var('parity_breach_excess') }} then 1 else -1 end::tinyint as side,
    coalesce(parity_breach, 0) as value,
    {{ var('parity_breach_excess') }}::double as threshold,
    concat(
        '{symbol} at {close}: put-call parity is broken by up to {value} (more than {threshold}); strikes outside their ',
        'bounds: ', count_parity_breaches, '.'
    ) as up_text,
    null::varchar as down_text
from {{ ref('option_bars') }}
