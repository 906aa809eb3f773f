-- The mean of the closes over a short window crosses the mean over a medium one: up, the short one is now
-- above.
select
    *,
    side_of(sma_short - sma_medium, sma_medium) as side,
    sma_short as value,
    sma_medium as threshold,
    '{symbol} closed at {close}: its mean of {{ var("window_short") }} {bars}, {value}, crossed above that of '
        || '{{ var("window_medium") }}, {threshold}.' as up_text,
    '{symbol} closed at {close}: its mean of {{ var("window_short") }} {bars}, {value}, crossed below that of '
        || '{{ var("window_medium") }}, {threshold}.' as down_text
from {{ ref('signal_bars') }}
