"""What came after the events of each rule, beside what comes after any bar."""

import streamlit as st

from dashboard import choices, data, layout, metric_columns
from dashboard.charts.signals import outcomes
from dashboard.figure import figure
from dashboard.views.signals.filters import Filters

MOST = 400
SHARES = ("hit_rate", "mean_return", "median_return", "usual_return", "standard_error")
BARS_AFTER = {"The next bar": 1, "Five bars": 5}


def after() -> str:
    return choices.choice("Outcome after", list(BARS_AFTER), "after")


def show(filters: Filters, after: str) -> None:
    rows = data.table("signal_outcomes", **vars(filters), bars_after=BARS_AFTER[after], limit=MOST)
    if rows.num_rows == 0:
        layout.empty("No outcome yet", "Choose fewer filters; outcomes of new events are known a bar later.")
        return
    whose = filters.symbol or "All symbols of an asset class together"
    st.caption(
        f"**{whose}**, {after.lower()} after the event. A look back on the whole past, no forecast: the record beside "
        "an event counts only what was known by then. Without costs."
    )
    left, right = st.columns(2, gap="medium")
    rates = rows.filter([rate is not None for rate in rows["hit_rate"].to_pylist()])
    with left:
        chart = outcomes(rates, "hit_rate", "Hit rate", ".0%", (0.5,))
        figure("signals_hits", "How often the price went along", chart, rates, "Hit rate of each rule and direction")
    with right:
        chart = outcomes(rows, "t_statistic", "t of the mean return, less the usual one", ".1f", (-2, 2))
        figure("signals_means", "Whether the mean return is more than luck", chart, rows, "t statistic of each rule")
    st.subheader("Past record", anchor=False)
    listed = rows if filters.symbol else rows.drop_columns(["symbol"])
    config = metric_columns.columns(listed, SHARES)
    st.dataframe(listed, hide_index=True, placeholder="-", key="outcomes", column_config=config, alt="Past record")
    st.caption("Beyond the dashed lines (t of 2) a mean is hard to explain by luck, where few rules were tried.")
    layout.provenance("`serving.signal_outcomes`", None, None)
