-- The close crosses the newest level at which swings turned: up, a resistance is broken; down, a support. A
-- level counts from the bar that confirmed it; what the price did before is no break of it.
with

levels as (
    select series_id, kind as side_of_price, confirmed_at, level
    from {{ ref('levels') }}
    where touches >= {{ var('level_break_touches') | int }}
),

resistances as (select * from levels where side_of_price = 'resistance'),

supports as (select * from levels where side_of_price = 'support'),

-- A bar is judged by the level that was known before it, and begins the next one if it confirms it.
named as (
    select bars.*, levels.* exclude (series_id)
    from {{ ref('signal_bars') }} as bars
    asof join resistances as levels on bars.series_id = levels.series_id and bars.ts > levels.confirmed_at
    union all
    select bars.*, levels.* exclude (series_id)
    from {{ ref('signal_bars') }} as bars
    inner join resistances as levels on bars.series_id = levels.series_id and bars.ts = levels.confirmed_at
    union all
    select bars.*, levels.* exclude (series_id)
    from {{ ref('signal_bars') }} as bars
    asof join supports as levels on bars.series_id = levels.series_id and bars.ts > levels.confirmed_at
    union all
    select bars.*, levels.* exclude (series_id)
    from {{ ref('signal_bars') }} as bars
    inner join supports as levels on bars.series_id = levels.series_id and bars.ts = levels.confirmed_at
)

select
    * replace (concat(side_of_price, ' ', epoch_us(confirmed_at)) as line),
    side_of(close - level, level) as side,
    close as value,
    level as threshold,
    case when side_of_price = 'resistance' then
        '{symbol} closed at {close}, above its resistance of {threshold}, where swings turned at least '
            || '{{ var("level_break_touches") | int }} times.' end as up_text,
    case when side_of_price = 'support' then
        '{symbol} closed at {close}, below its support of {threshold}, where swings turned at least '
            || '{{ var("level_break_touches") | int }} times.' end as down_text
from named
