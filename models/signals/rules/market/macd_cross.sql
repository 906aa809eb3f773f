-- The MACD line crosses its signal line: up, the line is now above, the trend gathers pace.
select
    *,
    side_of(macd_hist, close) as side,
    macd as value,
    macd_signal as threshold,
    '{symbol} closed at {close}: its MACD line, {value}, crossed above its signal line, {threshold} '
        || '({{ var("macd_fast") }}, {{ var("macd_slow") }} and {{ var("macd_signal") }} {bars}).' as up_text,
    '{symbol} closed at {close}: its MACD line, {value}, crossed below its signal line, {threshold} '
        || '({{ var("macd_fast") }}, {{ var("macd_slow") }} and {{ var("macd_signal") }} {bars}).' as down_text
from {{ ref('signal_bars') }}
