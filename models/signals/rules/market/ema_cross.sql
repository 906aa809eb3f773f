-- The exponential average of the closes over a short window crosses that over a medium one: up, the short
-- one is now above.
select
    *,
    side_of(ema_short - ema_medium, ema_medium) as side,
    ema_short as value,
    ema_medium as threshold,
    '{symbol} closed at {close}: its exponential average of {{ var("window_short") }} {bars}, {value}, crossed above '
        || 'that of {{ var("window_medium") }}, {threshold}.' as up_text,
    '{symbol} closed at {close}: its exponential average of {{ var("window_short") }} {bars}, {value}, crossed below '
        || 'that of {{ var("window_medium") }}, {threshold}.' as down_text
from {{ ref('signal_bars') }}
