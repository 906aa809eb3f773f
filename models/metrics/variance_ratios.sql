-- One row per (series_id, holding_bars): whether prices wander as a random walk does over so many bars.
{{ config(materialized='incremental', incremental_strategy='append', pre_hook='{{ forget_stale() }}') }}
with

histories as (
    from {{ ref('histories') }}
),

bars as (
    from {{ ref('final_bars') }}
    where {{ is_lacking() }}
),

ratios as (
    from variance_ratios('bars', null)
)

select
    histories.series_id,
    bars_held as holding_bars,
    ratios.ratio as variance_ratio,
    ratios.z as variance_ratio_z,
    variance_ratio_pvalue_of(ratios.z) as variance_ratio_pvalue,
    histories.history
from ratios
inner join histories using (source, symbol, interval)
