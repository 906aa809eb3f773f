"""Risk: what holding a symbol brought and cost, one view at a time."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import streamlit as st

from dashboard import badge, choices, data, layout
from dashboard.views.risk import calendar, dependence, distribution, overview, rolling, volatility
from dashboard.views.risk.subject import Subject

VIEWS: dict[str, Callable[[Subject], None]] = {
    "Overview": overview.show,
    "Distribution": distribution.show,
    "Rolling": rolling.show,
    "Calendar": calendar.show,
    "Volatility": volatility.show,
    "Dependence": dependence.show,
}
DAYS = {"1Y": 365, "3Y": 3 * 365, "5Y": 5 * 365, "All": None}
OF_A_RANGE = {"Overview", "Distribution", "Rolling", "Volatility"}  # the views with charts over time
DAILY = "1d"  # there are no figures of the whole sample without
ALWAYS = datetime(1900, 1, 1, tzinfo=UTC)


def show() -> None:
    place = layout.header("Risk", "Performance and risk by daily bars, dividends reinvested. Losses are negative.")
    instruments = {row["symbol"]: row for row in data.rows("instruments")}
    if not instruments:
        layout.empty("No risk figures yet", "Run `quant ingest equities`, then `quant build`.")
        return
    with st.container(horizontal=True, gap="medium", key="choices"):
        chosen = instruments[choices.symbol(list(instruments))]
        view = choices.choice("View", list(VIEWS), "view")
        days = DAYS[choices.choice("Range", list(DAYS), "range", "All")] if view in OF_A_RANGE else None
        interval = choices.choice("Bars", chosen["intervals"], "interval", DAILY) if view == "Dependence" else DAILY
    badge.keep_fresh(place, badge.DAILY_DATASET[chosen["asset_class"]], chosen["symbol"])
    risk = data.row("risk", symbol=chosen["symbol"])
    if risk is None:
        layout.empty(f"No risk figures of {chosen['symbol']} yet", "Run `quant build`.")
        return
    since = risk["as_of"] - timedelta(days=days) if days else ALWAYS
    VIEWS[view](Subject(risk, since, interval, data.catalog()))
