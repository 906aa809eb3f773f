-- The relative strength index leaves an extreme: up, it rises through the low level; down, it falls through
-- the high one.
select
    * replace ('low' as line),
    side_of(rsi - {{ var('rsi_level_low') }}, {{ var('rsi_level_low') }}) as side,
    rsi as value,
    {{ var('rsi_level_low') }}::double as threshold,
    '{symbol} closed at {close}: its relative strength index of {{ var("window_rsi") }} {bars} rose through '
        || '{threshold points} to {value points}, out of being oversold.' as up_text,
    null::varchar as down_text
from {{ ref('signal_bars') }}
union all by name
select
    * replace ('high' as line),
    side_of(rsi - {{ var('rsi_level_high') }}, {{ var('rsi_level_high') }}) as side,
    rsi as value,
    {{ var('rsi_level_high') }}::double as threshold,
    null::varchar as up_text,
    '{symbol} closed at {close}: its relative strength index of {{ var("window_rsi") }} {bars} fell through '
        || '{threshold points} to {value points}, out of being overbought.' as down_text
from {{ ref('signal_bars') }}
