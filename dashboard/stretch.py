"""The stretch of time that a visitor chose with the brush: `from` and `to` in the URL, by the minute, in UTC."""

from datetime import UTC, datetime, timedelta
from typing import Any

import streamlit as st

SINCE, UNTIL = "from", "to"
STRIPS = "strips"
FORMAT = "%Y-%m-%dT%H:%MZ"
Stretch = tuple[datetime, datetime]


def chosen() -> Stretch | None:
    """None without one, or with one that is none."""
    try:
        since, until = (_instant(st.query_params[name]) for name in (SINCE, UNTIL))
    except (KeyError, ValueError):
        return None
    return (since, until) if since < until else None


def choose(brushed: list[float] | None) -> None:
    """Two instants in milliseconds, as a brush says them; without any the whole range is back."""
    if not brushed:
        forget()
        return
    since, until = (datetime.fromtimestamp(edge / 1000, UTC) for edge in sorted(brushed))
    if until - since >= timedelta(minutes=1):
        st.query_params.update({SINCE: f"{since:{FORMAT}}", UNTIL: f"{until:{FORMAT}}"})


def forget() -> None:
    for name in (SINCE, UNTIL):
        st.query_params.pop(name, None)


def leave() -> None:
    """Forget it, and draw the strip anew, without its brush."""
    if chosen():
        st.session_state[STRIPS] = strip() + 1
    forget()


def strip() -> int:
    """How often the strip was drawn anew: part of its key."""
    return int(st.session_state.get(STRIPS, 0))


def brushed(event: Any, brush: str, field: str) -> list[float] | None:
    """What a chart says of its brush; None when it was taken away."""
    selected = event.get("selection", {}).get(brush, {}) if event else {}
    return list(selected[field]) if selected.get(field) else None


def _instant(text: str) -> datetime:
    return datetime.strptime(text, FORMAT).replace(tzinfo=UTC)
