"""Portfolios of the configuration: what each is, and its figures."""

NAMES = """
select portfolio
from serving.portfolio_summary
order by portfolio
"""

# The newest value is as old as the last of its members' bars.
SUMMARY = """
with

summary as (
    from serving.portfolio_summary
    where portfolio = $portfolio
),

closes as (
    select max(end_ts) as as_of
    from serving.final_bars
    semi join serving.portfolio_members as members
        on members.portfolio = $portfolio and members.source = final_bars.source and members.symbol = final_bars.symbol
    where interval = '1d' and session_date = (select session_date from summary)
)

select
    as_of, weighting, rebalance, volatility_window, benchmark, count_members, periods_per_year, first_session_date,
    session_date, n_obs, reason_empty
from summary
cross join closes
"""

# Every other column of the relation is a metric: a new one needs no edit here.
METRICS = """
with

summary as (
    select
        columns(* exclude (
            portfolio, weighting, rebalance, volatility_window, benchmark, count_members, periods_per_year,
            first_session_date, session_date, n_obs, reason_empty
        ))::double
    from serving.portfolio_summary
    where portfolio = $portfolio
),

metrics as (
    select metric, value
    from summary
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

NEWEST = """
select max(session_date) as session_date
from serving.portfolio_weights
where portfolio = $portfolio
"""
