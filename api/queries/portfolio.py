"""Portfolios of the configuration: what each is, and its figures."""

from api.queries.figures import figures_query

NAMES = """
select portfolio
from serving.portfolio_summary
order by portfolio
"""

FACTS = (
    "weighting", "rebalance", "volatility_window", "benchmark", "count_members", "periods_per_year",
    "first_session_date", "session_date", "n_obs", "reason_empty",
)  # fmt: skip

# The newest value is as old as the last of its members' bars.
SUMMARY = f"""
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

select as_of, {", ".join(FACTS)}
from summary
cross join closes
"""

METRICS = figures_query("portfolio_summary", ("portfolio", *FACTS), "portfolio = $portfolio")

NEWEST = """
select max(session_date) as session_date
from serving.portfolio_weights
where portfolio = $portfolio and ($end::date is null or session_date <= $end)
"""
