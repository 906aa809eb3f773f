-- One row per (portfolio, component, source, symbol): what a member weighs in what moves them all.
with

bars as (
    from {{ ref('member_bars') }}
),

loadings as (
    from pca_loading('bars')
),

shares as (
    from pca_explained('bars')
)

select
    loadings.interval as portfolio,
    loadings.k as component,
    loadings.source,
    loadings.symbol,
    loadings.value as pca_loading,
    shares.value as pca_explained
from loadings
inner join shares on shares.interval = loadings.interval and shares.k = loadings.k
