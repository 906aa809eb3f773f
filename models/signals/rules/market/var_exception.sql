-- A bar lost more than its value at risk, as it was known before the bar: down, on each such bar. How often
-- that may happen is metrics.var_backtest's matter.
select
    * replace (true as is_each),
    case when simple_return < value_at_risk then -1
         when simple_return is not null and value_at_risk is not null then 0 end::tinyint as side,
    simple_return as value,
    value_at_risk as threshold,
    null::varchar as up_text,
    '{symbol} closed at {close} and lost more than its value at risk: {value percent} against {threshold percent} '
        || '({{ "%g" | format(100 * var("var_confidence")) }} %, {{ var("window_long") }} {bars}).' as down_text
from {{ ref('signal_bars') }}
