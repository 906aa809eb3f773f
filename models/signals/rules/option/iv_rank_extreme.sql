-- The implied volatility of 30 days enters an extreme of its range over the past year of days: up, it
-- became dear; down, it became cheap. The same extreme is armed again once the rank has left it by the
-- second threshold. The direction is that of volatility, not of the price.
select
    * replace ('high' as line, -1::tinyint as start_side),
    held_side_of(iv_rank, {{ var('iv_rank_extreme_enter_high') }}, {{ var('iv_rank_extreme_exit_high') }}) as side,
    iv_rank as value,
    {{ var('iv_rank_extreme_enter_high') }}::double as threshold,
    '{symbol} at {close}: its implied volatility of 30 days is dear, at {value percent} of its range over '
        || '{{ var("window_long") }} days (from {threshold percent} on).' as up_text,
    null::varchar as down_text
from {{ ref('option_bars') }}
union all by name
select
    * replace ('low' as line, 1::tinyint as start_side),
    (-held_side_of(-iv_rank, -{{ var('iv_rank_extreme_enter_low') }}, -{{ var('iv_rank_extreme_exit_low') }}))::tinyint
        as side,
    iv_rank as value,
    {{ var('iv_rank_extreme_enter_low') }}::double as threshold,
    null::varchar as up_text,
    '{symbol} at {close}: its implied volatility of 30 days is cheap, at {value percent} of its range over '
        || '{{ var("window_long") }} days (up to {threshold percent}).' as down_text
from {{ ref('option_bars') }}
