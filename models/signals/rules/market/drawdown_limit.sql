-- The fall from the highest value so far, dividends reinvested, passes a limit: down, it is now deeper; up,
-- it has come back to a shallower one. Between the two limits nothing is said. It says how deep, not what
-- comes next.
select
    * replace (1::tinyint as start_side),
    case when drawdown <= -{{ var('drawdown_limit_enter') }} then -1
         when drawdown > -{{ var('drawdown_limit_leave') }} then 1
         when drawdown is not null then 0 end::tinyint as side,
    drawdown as value,
    case when drawdown <= -{{ var('drawdown_limit_enter') }} then -{{ var('drawdown_limit_enter') }}
         else -{{ var('drawdown_limit_leave') }} end::double as threshold,
    '{symbol} closed at {close}: its fall from its highest value so far has come back to {value percent}, within '
        || '{threshold percent}.' as up_text,
    '{symbol} closed at {close}: its fall from its highest value so far is {value percent}, beyond the limit of '
        || '{threshold percent}.' as down_text
from {{ ref('signal_bars') }}
