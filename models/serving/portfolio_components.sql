-- One row per (portfolio, component, source, symbol): what a member weighs in what moves them all.
with

components as (
    from {{ ref('principal_components') }}
)

select portfolio, component, source, symbol, pca_loading, pca_explained
from components
