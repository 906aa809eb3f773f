-- Volatility changes its regime, by its percentile among those of the past year: on line high, up: it
-- became high, down: it is high no longer; on line low, down: it became low, up: it is low no longer. The
-- direction is that of volatility, not of the price.
select
    * replace ('high' as line, -1::tinyint as start_side, false as is_of_price),
    held_side_of(vol_percentile, {{ var('vol_regime_enter_high') }}, {{ var('vol_regime_exit_high') }}) as side,
    vol_percentile as value,
    case when vol_percentile >= {{ var('vol_regime_enter_high') }} then {{ var('vol_regime_enter_high') }}
         else {{ var('vol_regime_exit_high') }} end::double as threshold,
    '{symbol}: volatility became high: {value percent} of the last {{ var("window_long") }} {bars} were as calm or '
        || 'calmer (high from {threshold percent} on).' as up_text,
    '{symbol}: volatility is high no longer: {value percent} of the last {{ var("window_long") }} {bars} were as calm '
        || 'or calmer (no longer high below {threshold percent}).' as down_text
from {{ ref('signal_bars') }}
union all by name
select
    * replace ('low' as line, 1::tinyint as start_side, false as is_of_price),
    (-held_side_of(-vol_percentile, -{{ var('vol_regime_enter_low') }}, -{{ var('vol_regime_exit_low') }}))::tinyint
        as side,
    vol_percentile as value,
    case when vol_percentile <= {{ var('vol_regime_enter_low') }} then {{ var('vol_regime_enter_low') }}
         else {{ var('vol_regime_exit_low') }} end::double as threshold,
    '{symbol}: volatility is low no longer: {value percent} of the last {{ var("window_long") }} {bars} were as calm '
        || 'or calmer (no longer low above {threshold percent}).' as up_text,
    '{symbol}: volatility became low: only {value percent} of the last {{ var("window_long") }} {bars} were as calm or '
        || 'calmer (low up to {threshold percent}).' as down_text
from {{ ref('signal_bars') }}
