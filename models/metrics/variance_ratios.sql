-- One row per (series_id, holding_bars): whether prices wander as a random walk does over so many bars.
with

bars as (
    from {{ ref('final_bars') }}
),

ratios as (
    select *, bars_held as k
    from variance_ratios('bars', null)
),

pvalues as (
    from variance_ratio_pvalue('bars')
)

select
    series_id_of(source, symbol, interval) as series_id,
    k as holding_bars,
    ratios.ratio as variance_ratio,
    ratios.z as variance_ratio_z,
    pvalues.value as variance_ratio_pvalue
from ratios
inner join pvalues using (source, symbol, interval, k)
