"""How fresh what the page shows is, beside its title."""

from typing import Any

import streamlit as st

from dashboard import data, formats
from dashboard.layout import refreshing
from quant.errors import QuantError

DAILY_DATASET = {"crypto": "klines", "equity": "equities"}


def keep_fresh(badge: Any, dataset: str, symbol: str | None = None) -> None:
    """Fill the badge with the freshness of what the page shows, and keep it up to date."""
    with badge:
        refreshing(5, "freshness")(lambda: freshness(dataset, symbol))()


def keep_build_fresh(badge: Any) -> None:
    """The same for a page that shows what the build itself says."""
    with badge:
        refreshing(20, "build_age")(build_age)()


def build_age() -> None:
    """How old the newest build is, against what is promised."""
    try:
        row = data.row("build_age")
    except QuantError:
        row = None  # the page below says why
    if row is None:
        st.badge("No build yet", icon=":material/hourglass_empty:", color="grey")
        return
    promised = data.settings().promise_seconds.build
    text = f"build, {formats.age(row['age_seconds'])} old"
    explanation = (
        f"Build {row['build_id']} ({row['kind']}), begun {formats.instant(row['started_at'], seconds=True)}. "
        f"Promised: not older than {formats.age(promised)}."
    )
    if row["age_seconds"] > promised:
        st.badge(f"Stale · {text}", icon=":material/warning:", color="orange", help=explanation)
        return
    st.badge(f"Fresh · {text}", icon=":material/check_circle:", color="green", help=explanation)


def freshness(dataset: str, symbol: str | None) -> None:
    """The age of the most overdue series, in words, colour and sign."""
    try:
        row = data.row("freshness", dataset=dataset, symbol=symbol)
    except QuantError:
        row = None  # the page below says why
    whose = dataset if symbol or row is None else f"{row['symbol']} {dataset}"
    if row is None or row["last_fetched_at"] is None:
        st.badge(f"No {whose} yet", icon=":material/hourglass_empty:", color="grey")
        return
    text = f"{whose}, {formats.age(row['age_seconds'])} old"
    explanation = (
        f"{row['source']}: newest event {formats.instant(row['last_event_at'], seconds=True)}, "
        f"received {formats.instant(row['last_fetched_at'], seconds=True)}. "
        f"Promised: not older than {formats.age(row['promised_seconds'])}."
    )
    if row["is_stale"]:
        st.badge(f"Stale · {text}", icon=":material/warning:", color="orange", help=explanation)
        return
    st.badge(f"Fresh · {text}", icon=":material/check_circle:", color="green", help=explanation)
