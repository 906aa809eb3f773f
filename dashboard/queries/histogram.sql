-- One row per bin of equal width: the days whose return fell into it, and how many a normal distribution of the
-- same mean and deviation would have there. A width is 1, 2 or 5 times a power of ten, and one bin begins at 0.
with returns as (
    select simple_return
    from serving.metrics
    where series_id = series_id_of($source, $symbol, '1d') and simple_return is not null
),
spread as (
    select
        count(*) as days,
        avg(simple_return) as mean,
        sample_std(simple_return) as deviation,
        min(simple_return) as least,
        max(simple_return) as greatest,
        (max(simple_return) - min(simple_return)) / nullif($bins, 0) as needed,
        pow(10, floor(log10(nullif(needed, 0)))) as decade
    from returns
),
sized as (
    select
        *,
        decade * case when needed <= decade then 1 when needed <= 2 * decade then 2
                      when needed <= 5 * decade then 5 else 10 end as width,
        floor(least / nullif(width, 0))::bigint as first_bin,
        floor(greatest / nullif(width, 0))::bigint as last_bin
    from spread
),
bins as (
    select unnest(range(first_bin, last_bin + 1)) as bin
    from sized
),
filled as (
    select floor(simple_return / nullif(width, 0))::bigint as bin, count(*) as days
    from returns
    cross join sized
    group by all
)
select
    bins.bin * width as x0,
    (bins.bin + 1) * width as x1,
    (bins.bin + 0.5) * width as middle,
    coalesce(filled.days, 0) as days,
    sized.days * (
        normal_cdf(((bins.bin + 1) * width - mean) / nullif(deviation, 0))
        - normal_cdf((bins.bin * width - mean) / nullif(deviation, 0))
    ) as normal_days,
    (bins.bin + 1) * width <= (
        select var_historical
        from serving.latest_risk
        where source = $source and symbol = $symbol
    ) as is_beyond
from bins
cross join sized
left join filled using (bin)
order by bin
