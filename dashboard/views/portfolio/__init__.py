"""Portfolio: what the portfolios of the configuration became, hold and risk, one view at a time."""

import streamlit as st

from dashboard import badge, choices, data, formats, layout
from dashboard.data import Record
from dashboard.views.portfolio import attribution, correlation, factors, kelly, overview, risk, weights

CAPTION = "Portfolios of config.yaml on daily bars, dividends reinvested, without costs. Losses are negative."
VIEWS = {
    "Overview": overview.show,
    "Weights": weights.show,
    "Attribution": attribution.show,
    "Risk": risk.show,
    "Correlation": correlation.show,
    "Factors": factors.show,
    "Kelly": kelly.show,
}
INGEST = "`quant ingest equities` and `quant ingest crypto`, then `quant build`"
REMEDY = f"Name one under `portfolios` in config.yaml, run {INGEST}."
WEIGHTINGS = {
    "equal": "equal weights",
    "fixed": "fixed weights",
    "buy_and_hold": "bought once and held",
    "inverse_volatility": "weights by inverse volatility",
}


def show() -> None:
    place = layout.header("Portfolio", CAPTION)
    portfolios = {row["portfolio"]: row for row in data.rows("portfolio_summary")}
    if not portfolios:
        layout.empty("No portfolio yet", REMEDY)
        return
    largest = max(portfolios.values(), key=lambda row: row["count_members"])["portfolio"]
    with st.container(horizontal=True, gap="medium", key="choices"):
        chosen = portfolios[choices.choice_of_many("Portfolio", list(portfolios), "portfolio", largest)]
        view = choices.choice("View", list(VIEWS), "view")
    badge.keep_fresh(place, dataset(chosen))
    if chosen["reason_empty"]:
        layout.empty(f"No figures of {chosen['portfolio']} yet: {chosen['reason_empty']}", f"Run {INGEST}.")
        return
    explain(chosen)
    VIEWS[view](chosen)


def dataset(chosen: Record) -> str:
    """The bars that the portfolio waits for: equities have fewer sessions than crypto."""
    members = data.rows("portfolio_members", portfolio=chosen["portfolio"])
    return "klines" if members and all(member["asset_class"] == "crypto" for member in members) else "equities"


def explain(chosen: Record) -> None:
    window = f" of {chosen['volatility_window']} sessions" if chosen["volatility_window"] else ""
    how = f"{WEIGHTINGS.get(chosen['weighting'], chosen['weighting'])}{window}"
    again = "" if chosen["rebalance"] == "never" else f", rebalanced {chosen['rebalance']}"
    against = f", against {chosen['benchmark']}" if chosen["benchmark"] else ", without a benchmark"
    st.caption(
        f"**{chosen['portfolio']}**: {formats.count(chosen['count_members'])} members, {how}{again}{against}. "
        f"{formats.count(chosen['n_obs'])} daily returns from {chosen['first_session_date']} to "
        f"{chosen['session_date']}, annualised with {chosen['periods_per_year']:g} a year, risk-free rate "
        f"{formats.percent(data.settings().metrics.risk_free_rate)}."
    )
