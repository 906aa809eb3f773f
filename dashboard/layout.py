"""What every page has: header with freshness, provenance, and the designed states empty, stale and broken."""

import functools
import html
from collections.abc import Callable
from datetime import datetime
from typing import Any

import streamlit as st

from dashboard import data, formats
from quant.errors import NoBuildError, QuantError

Page = Callable[[], None]
DAILY_DATASET = {"crypto": "klines", "equity": "equities"}


def header(title: str, caption: str) -> Any:
    """Title and caption, which stand whatever the data say. Returns the place of the freshness badge."""
    with st.container(horizontal=True, vertical_alignment="center", key="header"):
        st.title(title, anchor=False, width="content")
        badge = st.container(width="content")
    st.caption(caption)
    return badge


def keep_fresh(badge: Any, dataset: str, symbol: str | None = None) -> None:
    """Fill the badge with the freshness of what the page shows, and keep it up to date."""
    with badge:
        refreshing(5, "freshness")(lambda: freshness(dataset, symbol))()


def freshness(dataset: str, symbol: str | None) -> None:
    """The age of the most overdue series, in words, colour and sign."""
    try:
        row = data.freshness(dataset, symbol)
    except QuantError:
        row = None  # the page below says why
    if row is None or row["last_fetched_at"] is None:
        st.badge(f"No {dataset} yet", icon=":material/hourglass_empty:", color="grey")
        return
    whose = dataset if symbol else f"{row['symbol']} {dataset}"
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


def provenance(relations: str, source: str | None, until: datetime | None) -> None:
    """Where the numbers above come from."""
    build_id, _ = data.build()
    parts = [f"From {relations}", f"build `{build_id}`"]
    if source:
        parts.append(f"source `{source}`")
    if until:
        parts.append(f"data to {formats.instant(until)}")
    st.caption(" · ".join(parts))


def empty(what: str, remedy: str) -> None:
    """What is missing and which command fills it."""
    _notice(f":material/inbox: **{what}**", remedy)


def good(what: str, meaning: str) -> None:
    """Nothing is there, as it should be."""
    _notice(f":green[:material/check_circle:] **{what}**", meaning)


def _notice(title: str, text: str) -> None:
    with st.container(border=True, horizontal_alignment="center", gap="xsmall"):
        st.markdown(title, width="content")
        st.caption(text, width="content")


def guarded(show: Page) -> Page:
    """A page or fragment that shows a designed state instead of a traceback for what a person can act on."""

    @functools.wraps(show)
    def shown() -> None:
        try:
            show()
        except NoBuildError as error:
            empty("Nothing is built yet", f"{sentence(error)} This page fills itself as soon as a build is there.")
        except QuantError as error:
            st.warning(sentence(error), icon=":material/error:")

    return shown


def refreshing(seconds: float | None, key: str) -> Callable[[Page], Page]:
    """A guarded fragment that runs again without the rest of the page: every so many seconds, or when it is used."""

    def decorate(show: Page) -> Page:
        fragment: Page = st.fragment(guarded(show), run_every=seconds, key=key)
        return fragment

    return decorate


def choice(label: str, options: list[str], key: str, default: str | None = None, labelled: bool = False) -> str:
    """One of a few, kept in the URL under `key`, so that a link shows the same page."""
    chosen = st.segmented_control(
        label,
        options,
        default=default or options[0],
        key=key,
        bind="query-params",
        required=True,
        wrap=True,
        label_visibility="visible" if labelled else "collapsed",
    )
    return str(chosen or default or options[0])


def price(place: Any, label: str, row: data.Record, closes: list[float] | None = None) -> None:
    """A price with its change; arrow, sign and colour say the direction."""
    direction = formats.direction(row["change"])
    place.metric(
        label,
        formats.price(row["price"]),
        formats.change(row["change"]),
        delta_color={"up": "blue", "down": "orange", "flat": "off"}[direction],
        delta_arrow="off" if direction == "flat" else "auto",
        chart_data=closes,
        border=True,
        height="stretch",
        help=f"{row['source']}, {formats.instant(row['ts'], seconds=True)}",
    )


def metric(place: Any, row: data.Record, border: bool = False) -> None:
    """A metric's value by its unit, with what the catalogue says on hover."""
    text = formats.value(row["value"], row["unit"])
    place.metric(formats.name(row["metric"]), text, help=explanation(row), border=border, height="stretch")


def explanation(metric: data.Record) -> str | None:
    """What the catalogue says about a number, for the hover help."""
    if not metric.get("description"):
        return None
    parts = [
        metric["description"],
        f"Unit: {metric['unit']}.",
        f"Formula: `{metric['formula']}`. {metric['source'] or ''}",
    ]
    return "\n\n".join(parts)


def demo_banner() -> None:
    st.html(
        '<div class="demo" role="note"><b>Demo</b> A stand-in market made by this program: no price here is real.</div>'
    )


def sentence(error: QuantError | str) -> str:
    """Safe to be shown as markdown, with its full stop."""
    text = html.escape(str(error)).strip()
    return text if text.endswith(".") else f"{text}."
