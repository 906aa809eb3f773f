-- One row per (source, symbol, interval, ts): every final bar with its indicators, as charted today:
-- brought to the splits and dividends that the vendor named since the build.
{{ config(materialized='view') }}
with

chart as (
    from {{ ref('chart') }}
),

sessions as (
    from {{ ref('live_sessions') }}
    where is_stored
),

-- The dividends since are the same for every stored bar; the splits depend on when it was pulled.
adjustments as (
    select source, symbol, any_value(splits) as splits, any_value(later_dividends) as later_dividends
    from sessions
    group by source, symbol
),

equities as (
    select chart.*, later_dividends, missed_split_ratio(splits, ts, split_adjusted_at) as ratio
    from chart
    left join adjustments using (source, symbol)
    where chart.asset_class = 'equity'
),

charted as (
    select * exclude (split_adjusted_at)
    from chart
    where asset_class = 'crypto'
    union all
    select * exclude (split_adjusted_at, later_dividends, ratio) replace (
        split_adjusted_of(open, ratio) as open,
        split_adjusted_of(high, ratio) as high,
        split_adjusted_of(low, ratio) as low,
        split_adjusted_of(close, ratio) as close,
        split_adjusted_of(adj_close, ratio) * coalesce(later_dividends, 1) as adj_close,
        split_adjusted_volume_of(volume, ratio) as volume,
        split_adjusted_of(sma, ratio) as sma,
        split_adjusted_of(bb_upper, ratio) as bb_upper,
        split_adjusted_of(bb_middle, ratio) as bb_middle,
        split_adjusted_of(bb_lower, ratio) as bb_lower
    )
    from equities
)

select * exclude (series_id), end_ts as as_of, true as is_final
from charted
