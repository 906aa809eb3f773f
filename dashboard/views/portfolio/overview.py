"""What the portfolio became beside its benchmark, month by month, its worst falls, and what it holds."""

import streamlit as st

from dashboard import data, formats, layout, tables
from dashboard.charts import style
from dashboard.charts.calendar import months as months_chart
from dashboard.charts.portfolio import growth as growth_chart
from dashboard.data import Record
from dashboard.figure import figure
from dashboard.metric_columns import explained
from dashboard.views.portfolio import parts

KEY = ("total_return", "cagr", "annual_vol", "sharpe", "max_drawdown", "var_historical")
MORE = (
    "sortino", "calmar", "omega", "win_rate", "skewness", "excess_kurtosis",
    "beta", "jensen_alpha", "correlation", "tracking_error", "information_ratio", "annual_turnover",
)  # fmt: skip
BESIDE = {"beta", "jensen_alpha", "correlation", "tracking_error", "information_ratio"}
STRETCHES = 50  # at most 10 rows of 4 marks each
YEARS, FALLS = 20, 10


def show(chosen: Record) -> None:
    parts.figures(chosen, KEY)
    parts.figures(chosen, [name for name in MORE if chosen["benchmark"] or name not in BESIDE], border=False)
    certainty = data.settings().metrics
    st.caption(
        f"Sharpe lies between {formats.ratio(chosen['sharpe_low'])} and {formats.ratio(chosen['sharpe_high'])} with "
        f"{formats.percent(certainty.sharpe_confidence, 0)} confidence. VaR: one day, "
        f"{formats.percent(certainty.var_confidence, 0)}."
    )
    growth(chosen)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        months(chosen)
    with right:
        falls(chosen)
    holdings(chosen)
    parts.provenance(
        chosen, "portfolio_summary", "portfolios", "monthly_returns", "drawdown_episodes", "portfolio_members"
    )


def growth(chosen: Record) -> None:
    days = data.table(
        "portfolio_growth", portfolio=chosen["portfolio"], benchmark=chosen["benchmark"], stretches=STRETCHES
    )
    if days.num_rows == 0:
        layout.empty("No return yet", parts.BUILD)
        return
    beside = f" and of {chosen['benchmark']}" if chosen["benchmark"] else ""
    about = f"Return of {chosen['portfolio']}{beside} since {chosen['first_session_date']}, and its drawdown"
    key, chart = f"growth_{chosen['portfolio']}", growth_chart(days, bool(chosen["benchmark"]))
    st.subheader("Growth and drawdown", anchor=False)
    # A fragment: a hand that zooms shall not run the whole page.
    layout.refreshing(None, "growth")(lambda: style.show(chart, key, about, zoom=True))()
    tables.data_table(key, about, lambda: days)
    explained(parts.asked(chosen), "cumulative_return", "drawdown", "total_return")


def months(chosen: Record) -> None:
    table = data.table("months", source="portfolio", symbol=chosen["portfolio"], years=YEARS)
    if table.num_rows == 0:
        layout.empty("No month yet", parts.BUILD)
        return
    about = f"Return of {chosen['portfolio']} in each month and year"
    figure(f"months_{chosen['portfolio']}", "Monthly returns", months_chart(table), table, about)


def falls(chosen: Record) -> None:
    st.subheader("Worst drawdowns", anchor=False)
    table = data.table("portfolio_drawdowns", portfolio=chosen["portfolio"], limit=FALLS)
    if table.num_rows == 0:
        if chosen["max_drawdown"] == 0:
            layout.good("No drawdown", "It never stood below its highest value.")
        else:
            layout.empty("No drawdown yet", parts.BUILD)
        return
    shown = ["rank", "depth", "peak_on", "trough_on", "recovery_on", "bars_underwater"]
    parts.table("drawdowns", table.select(shown), "The deepest falls from a peak", height="content")
    explained(parts.asked(chosen), "max_drawdown", "avg_drawdown", "max_drawdown_duration_bars")


def holdings(chosen: Record) -> None:
    st.subheader("Holdings", anchor=False)
    table = data.table("portfolio_members", portfolio=chosen["portfolio"])
    shown = [
        "price", "symbol", "asset_class", "sector", "weight", "mean_weight", "contribution_carino",
        "risk_contribution", "component_var", "component_es", "source",
    ]  # fmt: skip
    parts.table("holdings", table.select(shown), "What the portfolio holds", "price", height="content")
    explained(parts.asked(chosen), "contribution_carino", "risk_contribution", "component_var", "component_es")
