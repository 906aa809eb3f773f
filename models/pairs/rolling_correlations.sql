-- One row per (source_a, a, source_b, b) of a pair, a before b: how alike they moved, day after day, as lists.
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

select source_a, a, source_b, b, session_dates, correlations, {{ universe() }} as universe
from rolled
