-- One row per (series_id, ts): the newest final minutes and days of each series, all that live rows
-- look back on, so that no live query depends on how long the history is.
with

bars as (
    from {{ ref('bars') }}
    where interval in ('1m', '1d')
),

series as (
    from {{ ref('series') }}
)

-- Whatever live bars can stand beside, and the window before the first of it.
select bars.*, series.timezone, series.periods_per_year
from bars
inner join series using (series_id)
qualify row_number() over (partition by series_id order by bars.ts desc)
    <= count_if(bars.ts >= live_since()) over (partition by series_id)
    + greatest({{ var('window_short') }}, {{ var('window_volatility') }}) + 1
order by series_id, bars.ts
