-- One row per event: the short moving average crosses the medium one on a final bar.
with

bars as (
    from {{ ref('bars') }}
),

trend as (
    from {{ ref('trend') }}
),

compared as (
    select
        bars.*,
        trend.sma_short,
        trend.sma_medium,
        crossing(trend.sma_short - trend.sma_medium, series_id, ts) as crossing
    from bars
    inner join trend using (series_id, ts)
)

select
    md5(concat_ws('|', 'sma_cross', series_id, epoch_us(ts))) as signal_id,
    'sma_cross' as rule,
    series_id,
    ts,
    end_ts,
    case when crossing > 0 then 'up' else 'down' end as direction,
    close,
    sma_short as value,
    sma_medium as threshold,
    format(
        'The mean of {} bars crossed {} the mean of {} bars.',
        {{ var('window_short') }},
        case when crossing > 0 then 'above' else 'below' end,
        {{ var('window_medium') }}
    ) as explanation
from compared
where crossing <> 0
