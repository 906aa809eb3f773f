-- The close leaves its Bollinger bands: up, above the upper one; down, below the lower one. After a break
-- the same band is armed again once a close was back at the middle, so that a price that runs along a band
-- says so once.
select
    * replace ('upper' as line),
    case when side_of(close - bb_upper, close) > 0 then 1 when side_of(close - bb_middle, close) > 0 then 0
         when bb_upper is not null then -1 end::tinyint as side,
    close as value,
    bb_upper as threshold,
    '{symbol} closed at {close}, above its upper Bollinger band of {threshold} ({{ var("window_short") }} {bars}, '
        || '{{ "%g" | format(var("bollinger_width")) }} deviations).' as up_text,
    null::varchar as down_text
from {{ ref('signal_bars') }}
union all by name
select
    * replace ('lower' as line),
    case when side_of(close - bb_lower, close) < 0 then -1 when side_of(close - bb_middle, close) < 0 then 0
         when bb_lower is not null then 1 end::tinyint as side,
    close as value,
    bb_lower as threshold,
    null::varchar as up_text,
    '{symbol} closed at {close}, below its lower Bollinger band of {threshold} ({{ var("window_short") }} {bars}, '
        || '{{ "%g" | format(var("bollinger_width")) }} deviations).' as down_text
from {{ ref('signal_bars') }}
