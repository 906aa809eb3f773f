-- One row per (series_id, ts): a final bar that this build judges, with the metrics that rules look at, and
-- what a rule says of itself unless it says otherwise. Of a series that only grew the new bars, of a
-- changed one all.
{{ config(materialized='ephemeral') }}
{% set n = var('window_long') %}
with

changes as (
    from {{ ref('changes') }}
),

series as (
    from {{ ref('series') }}
),

bars as (
    select series_id, ts, end_ts, row_index, high, low, close, adj_close, simple_return
    from {{ judged_rows('ordered_returns') }}
),

-- What a bar breaks out of is the channel before it.
channels as (
    select
        series_id, ts, previous(donchian_upper, series_id, ts) as upper_before,
        previous(donchian_middle, series_id, ts) as middle_before,
        previous(donchian_lower, series_id, ts) as lower_before
    from {{ judged_rows('channels', 'ts >= known_until') }}
),

-- Rounded: volatilities that are equal but for rounding share a rank.
ranked as (
    select series_id, ts, roll_rank_share(round(realized_vol, 12), {{ n }}, series_id, ts) as vol_percentile
    from (
        select series_id, ts, realized_vol
        from {{ ref('volatility') }}
        inner join changes using (series_id)
        where kind = 'changed'
        union all
        select recent.series_id, recent.ts, realized_vol
        from {{ ref('recent_bars') }} as recent
        inner join changes using (series_id)
        inner join {{ ref('volatility') }} as volatility using (series_id, ts)
        where kind = 'grown' and row_index > count_before - {{ n }}
    )
)

select
    bars.*, series.source, series.symbol, series.asset_class, series.interval, bars.ts = changes.newest_ts
    as is_newest,
    sma_short, sma_medium, ema_short, ema_medium, bb_upper, bb_middle, bb_lower, macd, macd_signal,
    macd_hist, rsi,
    upper_before, middle_before, lower_before, drawdown, realized_vol, vol_percentile,
    var_historical_rolling as value_at_risk,
    '' as line, null::tinyint as start_side, false as is_each, true as is_of_price
from bars
inner join changes using (series_id)
inner join series using (series_id)
left join {{ judged_rows('trend') }} using (series_id, ts)
left join {{ judged_rows('averages') }} using (series_id, ts)
left join {{ judged_rows('macd') }} using (series_id, ts)
left join {{ judged_rows('momentum') }} using (series_id, ts)
left join channels using (series_id, ts)
left join {{ judged_rows('drawdown') }} as falls using (series_id, ts)
left join {{ judged_rows('performance') }} using (series_id, ts)
left join ranked using (series_id, ts)
left join {{ judged_rows('volatility') }} using (series_id, ts)
