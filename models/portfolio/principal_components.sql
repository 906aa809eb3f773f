-- One row per (portfolio, component): how much of what moves the members is one and the same.
with

bars as (
    from {{ ref('member_bars') }}
),

shares as (
    from pca_explained('bars')
)

select
    interval as portfolio,
    k as component,
    value as pca_explained
from shares
