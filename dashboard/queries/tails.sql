-- One row per line through the histogram of returns, the mildest first; place numbers them from 0.
with risk as (
    select
        unnest(['var_historical', 'es_historical', 'var_parametric', 'var_cornish_fisher']) as metric,
        unnest(['VaR', 'ES', 'VaR, normal', 'VaR, Cornish-Fisher']) as name,
        unnest([var_historical, es_historical, var_parametric, var_cornish_fisher]) as value,
        var_confidence
    from serving.latest_risk
    where source = $source and symbol = $symbol
)
select metric, name, value, var_confidence, row_number() over (order by value desc, metric) - 1 as place
from risk
where value is not null
order by place
