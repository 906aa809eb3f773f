"""Volatility as seven estimators see it, how high the newest stands for its length of window, and the GARCH model."""

import streamlit as st

from dashboard import data
from dashboard.charts.risk.volatility import ESTIMATORS, cone, estimators
from dashboard.data import Record
from dashboard.views.risk import parts
from dashboard.views.risk.subject import Subject

STRETCHES = 70  # of 4 points of 7 lines, each a mark of its own for the pointer
GARCH = (
    "garch11_vol", "garch11_long_run_vol", "garch11_persistence", "garch11_alpha", "garch11_beta", "garch11_omega",
    "garch11_mu", "garch11_loglik",
)  # fmt: skip


def show(subject: Subject) -> None:
    newest = parts.newest(subject)
    parts.figures(subject, [name for name in ESTIMATORS if name != "garch11_vol"], newest)
    compared(subject)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        windows(subject)
    with right:
        model(subject, newest)
    parts.provenance(subject, "metrics", "volatility_cones", "series_tests")


def compared(subject: Subject) -> None:
    points = data.lines(
        list(ESTIMATORS), subject.since, STRETCHES, source=subject.source, symbol=subject.symbol, interval="1d"
    )
    title = "Estimators of volatility compared"
    parts.drawn(f"volatility_{subject.symbol}", title, points, estimators, f"{subject.symbol}: {title.lower()}")
    metrics = data.settings().metrics
    parts.explained(
        subject,
        list(ESTIMATORS),
        f"Windows of {metrics.window_volatility} days; dashed lines weigh the whole past: EWMA fades by "
        f"{metrics.ewma_decay:g} a day, GARCH(1,1) knows the whole history and is no forecast. "
        "Click a name to see its line alone, Shift and click for several.",
    )


def windows(subject: Subject) -> None:
    rows = data.table("volatility_cone", symbol=subject.symbol)
    about = f"{subject.symbol}: the range of close-to-close volatility by length of window, and the newest"
    parts.drawn(f"cone_{subject.symbol}", "Volatility cone", rows, cone, about)
    text = "Orange: the newest. Blue: median, middle half and whole range of all windows of that length."
    parts.explained(subject, ["volatility_cone"], text)


def model(subject: Subject, newest: Record) -> None:
    st.subheader("GARCH(1,1) model", anchor=False)
    fitted = data.row("series_tests", symbol=subject.symbol, interval="1d") or {}
    parts.sheet(subject, "Fitted to daily returns", GARCH, {**newest, **fitted}, digits=4)
    st.caption("A persistence near 1: a shock fades slowly. Long-run: what volatility returns to.")
