"""Instants that people write: 2026-11-20T14:30, or a date, which is a whole day by UTC."""

import re
from datetime import UTC, date, datetime, time, timedelta

DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
LAST = datetime.max.replace(tzinfo=UTC)


def first_instant(text: str) -> datetime:
    """In UTC unless it says another zone; a date is its midnight. Raises ValueError."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text} is no instant: give one like 2026-11-20T14:30, or a date like 2026-11-20") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def instant_after(text: str) -> datetime:
    """Where a range ends that goes up to it: a date is included whole. Raises ValueError."""
    return after_day(first_instant(text).date()) if DATE.fullmatch(text) else first_instant(text)


def after_day(day: date) -> datetime:
    """The midnight that follows, UTC."""
    return LAST if day == date.max else datetime.combine(day + timedelta(days=1), time(), UTC)
