-- One row per (source_a, a, source_b, b, session_date) of a pair, a before b, on which both have a price: how alike
-- they moved lately. From the first full window on.
{{ config(materialized='incremental', incremental_strategy='append', pre_hook='{{ forget_universe() }}') }}
with

included as (
    from {{ ref('rolling_symbols') }}
    where is_included
),

bars as (
    select final_bars.source, final_bars.symbol, interval, session_date, adj_close
    from {{ ref('final_bars') }} as final_bars
    inner join included using (series_id)
    where {{ is_universe_lacking() }}
),

rolled as (
    from rolling_correlations_of('bars', {{ var('window_correlation') }})
)

select source_a, a, source_b, b, session_date, rolling_correlation_pair, {{ universe() }} as universe
from rolled
