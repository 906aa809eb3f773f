"""Performance and risk of one series over its whole history."""

RISK = """
select
    interval, benchmark, first_session_date, session_date, as_of, n_obs,
    periods_per_year, risk_free_rate, var_confidence, ingest_run_id
from serving.latest_risk
where source = $source and symbol = $symbol
"""

# Every other column of the relation is a metric: a new one needs no edit here.
RISK_METRICS = """
with

risk as (
    select
        columns(* exclude (
            source, symbol, asset_class, interval, benchmark, first_session_date, session_date, as_of, n_obs,
            periods_per_year, risk_free_rate, var_confidence, ingest_run_id
        ))::double
    from serving.latest_risk
    where source = $source and symbol = $symbol
),

metrics as (
    select metric, value
    from risk
    unpivot include nulls (value for metric in (columns(*)))
),

units as (
    select metric, any_value(unit) as unit
    from meta.catalog
    group by metric
)

select metric, value, unit
from metrics
left join units using (metric)
order by metric
"""
