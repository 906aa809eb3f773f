"""Which events are looked at: rule, symbol, bars, direction and while stand in the URL."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import streamlit as st

from dashboard import choices, windows
from dashboard.data import Record

ALL = "All"
DIRECTIONS = ("up", "down")
DAYS = {"1d": 1, "3d": 3, "2w": 14, "3M": 92, "1Y": 365, "5Y": 5 * 365}
DEFAULT_RANGE = "3M"


@dataclass(frozen=True)
class Filters:
    """None is any."""

    rule: str | None
    symbol: str | None
    interval: str | None
    direction: str | None


def chosen(known: Sequence[Record], also: Callable[[], str]) -> tuple[Filters, str]:
    """What the visitor looks at, and what else is chosen beside it; `known` have events, at least one."""
    symbols = sorted({row["symbol"] for row in known})
    rules = sorted({row["rule"] for row in known})
    found = {row["interval"] for row in known}
    intervals = [interval for interval in windows.BAR_SECONDS if interval in found]
    with st.container(horizontal=True, gap="medium", key="choices"):
        rule = choices.choice_of_many("Rule", [ALL, *rules], "rule")
        symbol = choices.any_symbol(symbols, ALL)
        interval = choices.choice("Bars", [ALL, *intervals], "interval")
        direction = choices.choice("Direction", [ALL, *DIRECTIONS], "direction")
        other = also()
    return Filters(*(None if choice == ALL else choice for choice in (rule, symbol, interval, direction))), other


def since(span: str, now: datetime | None = None) -> datetime:
    """The whole hour so many days ago: the same for all viewers, so that one answer serves them."""
    hour = (now or datetime.now(UTC)).replace(minute=0, second=0, microsecond=0)
    return hour - timedelta(days=DAYS[span])
