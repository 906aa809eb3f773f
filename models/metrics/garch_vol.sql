-- One row per (series_id, ts) of days and weeks: volatility as the GARCH(1,1) model of the whole history sees it.
with

bars as (
    from {{ ref('final_bars') }}
    where not is_within_day(interval)
)

select
    series_id_of(source, symbol, interval) as series_id,
    ts,
    value as garch11_vol
from garch11_vol('bars')
