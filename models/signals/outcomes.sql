-- One row per (rule, source, symbol, asset_class, interval, direction, bars_after): what came after a
-- rule's events, of a series, and of all series of an asset class together (source and symbol NULL), beside
-- what comes after any bar.
{{ config(materialized='view', tags='cross_section') }}
with

series as (
    from {{ ref('series') }}
),

returns as (
    from {{ ref('ordered_returns') }}
),

followed as (
    select
        rule, source, symbol, asset_class, interval, direction, is_of_price,
        unnest([{'bars_after': 1, 'later': next_return}, {'bars_after': 5, 'later': return_after_5}], recursive := true)
    from {{ ref('events') }}
    inner join series using (series_id)
),

measured as (
    select
        rule, source, symbol, asset_class, interval, direction, bars_after, count(later) as count_events,
        avg(hit_of(direction, later, is_of_price)) as hit_rate, avg(later) as mean_return,
        median(later) as median_return, sample_std(later) as deviation
    from followed
    group by grouping sets (
        (rule, source, symbol, asset_class, interval, direction, bars_after),
        (rule, asset_class, interval, direction, bars_after)
    )
),

any_bar as (
    select
        source, symbol, asset_class, interval,
        unnest([
            {'bars_after': 1, 'later': simple_return},
            {'bars_after': 5, 'later': simple_return_of(adj_close, value_before(adj_close, 5, series_id, ts))}
        ], recursive := true)
    from returns
    inner join series using (series_id)
),

usual as (
    select source, symbol, asset_class, interval, bars_after, avg(later) as usual_return
    from any_bar
    group by grouping sets ((source, symbol, asset_class, interval, bars_after), (asset_class, interval,
    bars_after))
)

select
    rule, measured.source, measured.symbol, measured.asset_class, measured.interval, direction,
    measured.bars_after,
    count_events, hit_rate, mean_return, median_return, mean_error_of(deviation, count_events) as
    standard_error,
    usual_return, mean_t_of(mean_return, usual_return, deviation, count_events) as t_statistic
from measured
inner join usual
    on measured.source is not distinct from usual.source and measured.symbol is not distinct from usual.symbol
    and measured.asset_class = usual.asset_class and measured.interval = usual.interval
    and measured.bars_after = usual.bars_after
