"""What the portfolio holds now and held before, and what theory would hold."""

import streamlit as st

from dashboard import data, layout
from dashboard.charts import style
from dashboard.charts.members import bars, dots
from dashboard.charts.portfolio import weights as weights_chart
from dashboard.data import Record
from dashboard.figure import figure
from dashboard.metric_columns import explained
from dashboard.views.portfolio import parts

MEMBERS, SESSIONS = 7, 240  # and `others`: 1,920 marks
SCHEMES = {
    "weight": "Held",
    "risk_parity_weight": "Risk parity",
    "min_variance_weight": "Least variance",
    "min_variance_ledoit_wolf": "Least variance, shrunk",
    "max_sharpe_weight": "Greatest Sharpe",
}


def show(chosen: Record) -> None:
    name = chosen["portfolio"]
    members = data.table("portfolio_members", portfolio=name)
    if members.num_rows == 0:
        layout.empty("No member has a weight yet", parts.BUILD)
        return
    parts.figures(chosen, ("annual_turnover", "effective_bets_hhi", "diversification_ratio"))
    left, right = st.columns(2, gap="medium")
    with left:
        held = members.select(["symbol", "weight"]).slice(0, parts.MOST_MEMBERS)
        now = bars(held, "symbol", "weight", "Share of the portfolio", style.theme())
        figure(f"weights_{name}", "Weights now, share of the portfolio", now, held, f"Weights of {name} now")
    with right:
        theory(chosen)
    days = data.table("portfolio_weights", portfolio=name, members=MEMBERS, sessions=SESSIONS)
    about = f"Weights of {name} through time: the heaviest {MEMBERS} members, and the others together"
    figure(f"weights_history_{name}", "Weights through time, share of the portfolio", weights_chart(days), days, about)
    parts.provenance(chosen, "portfolio_weights", "portfolio_members", "portfolio_summary")


def theory(chosen: Record) -> None:
    name = chosen["portfolio"]
    optimal = data.table("portfolio_optimal", portfolio=name, members=parts.MOST_MEMBERS)
    about = f"Weights of {name} as held, and as theory would have them of the same past"
    figure(f"optimal_{name}", "Weights held and weights of theory", dots(optimal, SCHEMES), optimal, about)
    explained(parts.asked(chosen), *list(SCHEMES)[1:])
