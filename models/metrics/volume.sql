-- One row per (series_id, ts): which way the volume went. Sums since the first bar are put together from sums since the
-- last multiple of 2,048 rows, which stream, and the totals of the blocks before.
{% set n = var('window_short') %}
{% call trailing(newest_volume, has_states=true) %}
with

returns as (
    select *, is_newest_of_series(series_id) as is_newest
    from {{ ref('ordered_returns') }}
    where {{ is_streamed() }}
),

flowed as not materialized (
    select
        *,
        signed_volume_of(close, earlier_in_series(close, 1, row_index), volume) as flow,
        close_location_of(high, low, close) * volume as of_located,
        volume as of_volume
    from returns
),

averaged as (
    select
        *,
        last_mean(of_located, of4_located, of16_located, {{ n }}, row_index) as mean_located,
        last_mean(of_volume, of4_volume, of16_volume, {{ n }}, row_index) as mean_volume,
        sum_filter(flow, row_index) as state_flow,
        sum_filter(of_located, row_index) as state_located
    from with_blocks('flowed')
),

blocks as (
    select
        series_id, row_index // 2048 as block, sum(flow) as flow, sum(of_located) as located,
        min(case when flow is not null then row_index end) as first_flow,
        min(case when of_located is not null then row_index end) as first_located
    from flowed
    group by all
),

totals as (
    select
        series_id, block,
        running_sum(flow, series_id, block) - coalesce(flow, 0) as flow_before,
        running_sum(located, series_id, block) - coalesce(located, 0) as located_before,
        min(first_flow) over (partition by series_id) as first_flow,
        min(first_located) over (partition by series_id) as first_located
    from blocks
)

select
    series_id, ts,
    case when row_index >= first_flow then flow_before + state_flow.state end as obv,
    case when row_index >= first_located then located_before + state_located.state end as ad_line,
    ratio_of(mean_located, mean_volume) as cmf,
    case when is_newest then [{'flow': obv, 'located': ad_line}] end as state
from filtered('averaged', 0.0::double)
inner join totals using (series_id)
where totals.block = row_index // 2048
{% endcall %}
