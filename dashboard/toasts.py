"""Alerts as they come, in the corner of the page: each once for a visitor, however often the page refreshes."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import streamlit as st

from dashboard import faults
from dashboard.data import Record

NEWS = timedelta(hours=1)  # an older alert is no news; it stands in the table
MOST = 3  # at once: more would cover the page
ICONS = {"up": ":material/trending_up:", "down": ":material/trending_down:", None: ":material/warning:"}
SHOWN = "toasted"


def show_once(alerts: Sequence[Record]) -> None:
    """`alerts` are newest first; what was shown is remembered for the visit, over all refreshes and pages.

    Who sees them for the first time has not missed them: those that stand there already are one sentence.
    """
    has_just_come = SHOWN not in st.session_state
    shown: set[str] = st.session_state.setdefault(SHOWN, set())
    now = datetime.now(UTC)
    fresh = [alert for alert in alerts if alert["signal_id"] not in shown and now - alert["end_ts"] < NEWS]
    shown.update(alert["signal_id"] for alert in alerts)
    said = [] if has_just_come else fresh[:MOST]
    for alert in said:
        st.toast(text(alert), icon=ICONS[alert["direction"]], duration="long")
    if rest := len(fresh) - len(said):
        some = f"{faults.counted(rest, 'alert')} of the last hour" if has_just_come else f"{rest} more"
        st.toast(f"In the table below: {some}.", icon=":material/more_horiz:")


def text(alert: Record) -> str:
    """sma_cross, 1h: what happened, which begins with the symbol."""
    bars = f", {alert['interval']}" if alert["interval"] else ""
    return f"**{alert['rule']}{bars}**: {alert['explanation']}"
