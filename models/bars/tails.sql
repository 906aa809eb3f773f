-- One row per (series_id, ts): the newest final bars of each series, all that live rows look back
-- on, so that no live query depends on how long the history is.
with

bars as (
    from {{ ref('bars') }}
),

series as (
    from {{ ref('series') }}
)

-- Late minutes are shown for two days, and each needs its own window before it.
select bars.*, series.timezone, series.periods_per_year
from bars
inner join series using (series_id)
qualify row_number() over (partition by series_id order by bars.ts desc)
    <= case bars.interval when '1m' then 2 * 1440 else 0 end
    + greatest({{ var('window_short') }}, {{ var('window_volatility') }}) + 1
order by series_id, bars.ts
