-- The close breaks out of its Donchian channel, the range of the bars before it: up, above their highest
-- high; down, below their lowest low. After a break the same edge is armed again once a close was back at
-- the channel's middle.
select
    * replace ('upper' as line),
    case when side_of(close - upper_before, close) > 0 then 1 when side_of(close - middle_before, close) > 0
    then 0
         when upper_before is not null then -1 end::tinyint as side,
    close as value,
    upper_before as threshold,
    '{symbol} closed at {close}, above {threshold}, the highest price of the {{ var("window_short") }} {bars} before.'
        as up_text,
    null::varchar as down_text
from {{ ref('signal_bars') }}
union all by name
select
    * replace ('lower' as line),
    case when side_of(close - lower_before, close) < 0 then -1 when side_of(close - middle_before, close) <
    0 then 0
         when lower_before is not null then 1 end::tinyint as side,
    close as value,
    lower_before as threshold,
    null::varchar as up_text,
    '{symbol} closed at {close}, below {threshold}, the lowest price of the {{ var("window_short") }} {bars} before.'
        as down_text
from {{ ref('signal_bars') }}
