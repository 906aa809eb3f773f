"""How Sharpe ratio, volatility and beta moved."""

import streamlit as st

from dashboard import data
from dashboard.charts.risk.trailing import rolling
from dashboard.views.risk import parts
from dashboard.views.risk.subject import Subject

STRETCHES = 45  # of 12 rows of 3 marks
NEWEST = (
    "rolling_sharpe", "rolling_sortino", "realized_vol", "rolling_beta", "rolling_correlation", "rolling_win_rate",
)  # fmt: skip


def show(subject: Subject) -> None:
    newest = {row["metric"]: row["value"] for row in data.rows("metrics", symbol=subject.symbol, interval="1d")}
    parts.figures(subject, NEWEST, newest)
    days = data.table("rolling", source=subject.source, symbol=subject.symbol, since=subject.since, stretches=STRETCHES)
    whole = data.table("risk", symbol=subject.symbol).select(["sharpe", "annual_vol", "beta"])
    about = f"{subject.symbol}: trailing Sharpe ratio, volatility and beta against {subject.risk['benchmark']}"
    parts.drawn(
        f"rolling_{subject.symbol}",
        "Trailing Sharpe ratio, volatility and beta",
        days,
        lambda rows: rolling(rows, whole),
        about,
    )
    explain(subject)
    parts.explained(subject, ["rolling_sharpe", "realized_vol", "rolling_beta"])
    parts.provenance(subject, "metrics", "latest_metrics", "latest_risk")


def explain(subject: Subject) -> None:
    metrics = data.settings().metrics
    st.caption(
        f"Sharpe ratio and beta over {metrics.window_long} days, volatility over {metrics.window_volatility}, "
        f"annualised; beta against {subject.risk['benchmark']}. Dashed: the figure of the whole sample. "
        "The figures above are the newest."
    )
