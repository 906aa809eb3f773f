"""Where the risk sits: each member's part of volatility and of the losses, and how risk went through time."""

import streamlit as st

from dashboard import data, formats, layout
from dashboard.charts import style
from dashboard.charts.members import bars, groups
from dashboard.charts.portfolio import rolling as rolling_chart
from dashboard.data import Record
from dashboard.figure import figure
from dashboard.metric_columns import explained
from dashboard.views.portfolio import parts

KEY = (
    "portfolio_vol", "diversification_ratio", "effective_bets_hhi", "var_parametric", "es_historical", "max_drawdown",
)  # fmt: skip
MORE = (
    "var_historical", "var_cornish_fisher", "es_parametric", "es_cornish_fisher", "tail_ratio", "ulcer_index",
)  # fmt: skip
LOSSES = {"component_var": "Value at risk", "component_es": "Expected shortfall"}
STRETCHES = 80  # of three lines, at most 4 points of 2 marks each


def show(chosen: Record) -> None:
    parts.figures(chosen, KEY)
    parts.figures(chosen, MORE, border=False)
    left, right = st.columns(2, gap="medium")
    with left:
        volatility(chosen)
    with right:
        losses(chosen)
    rolling(chosen)
    parts.provenance(chosen, "portfolio_members", "portfolio_summary", "portfolios")


def volatility(chosen: Record) -> None:
    name = chosen["portfolio"]
    members = data.table("portfolio_members", portfolio=name)
    if members.num_rows == 0:
        layout.empty("No risk of the members yet", parts.BUILD)
        return
    added = members.select(["symbol", "weight", "risk_contribution"]).slice(0, parts.MOST_MEMBERS)
    chart = bars(added, "symbol", "risk_contribution", "Part of the volatility, a year", style.theme())
    about = (
        f"What each member as it is held now adds to the volatility of {name}; "
        f"together {formats.percent(chosen['portfolio_vol'])}"
    )
    figure(f"risk_{name}", "Parts of the volatility, a year", chart, added, about)
    explained(parts.asked(chosen), "risk_contribution", "portfolio_vol")


def losses(chosen: Record) -> None:
    name = chosen["portfolio"]
    parts_of = data.table("portfolio_losses", portfolio=name, members=parts.MOST_MEMBERS)
    if parts_of.num_rows == 0:
        return
    confidence = formats.percent(data.settings().metrics.var_confidence, 0)
    about = f"What each member added to value at risk and expected shortfall of {name}, one day, {confidence}"
    chart = groups(parts_of, "symbol", "measure", LOSSES, "Part of the loss of a day")
    figure(f"losses_{name}", f"Parts of VaR and expected shortfall, one day, {confidence}", chart, parts_of, about)
    explained(parts.asked(chosen), *LOSSES, "var_parametric", "es_historical")


def rolling(chosen: Record) -> None:
    name, metrics = chosen["portfolio"], data.settings().metrics
    points = data.table("portfolio_rolling", portfolio=name, stretches=STRETCHES)
    if points.num_rows == 0:
        layout.empty("No trailing figure yet", f"They take {metrics.window_volatility} sessions and more.")
        return
    about = (
        f"Volatility of {name} over {metrics.window_volatility} sessions, Sharpe ratio and beta "
        f"over {metrics.window_long}"
    )
    figure(f"rolling_{name}", "Trailing volatility, Sharpe ratio and beta", rolling_chart(points), points, about)
    st.caption(f"Windows: {metrics.window_volatility} sessions of volatility, {metrics.window_long} of the others.")
    explained(parts.asked(chosen), "realized_vol", "rolling_sharpe", "rolling_beta")
