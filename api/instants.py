"""Instants that a question gives: 2026-11-20T14:30Z, or a date, by UTC; and days."""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import AwareDatetime, BeforeValidator, WithJsonSchema

from quant.instants import DATE, after_day

CLOCK = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ].+")


def midnight(value: Any) -> Any:
    """A date is its midnight; a bare number, which could be seconds or milliseconds, is none."""
    if not isinstance(value, str) or CLOCK.fullmatch(value):
        return value
    if DATE.fullmatch(value):
        return f"{value}T00:00Z"
    raise ValueError("is no instant: give one like 2026-11-20T14:30Z, or a date like 2026-11-20")


SAID = WithJsonSchema({"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}]})
Instant = Annotated[AwareDatetime, BeforeValidator(midnight), SAID]


def midnight_after(value: Any) -> Any:
    """A date is included whole: what is asked for ends where the next day begins."""
    if not isinstance(value, str) or not DATE.fullmatch(value):
        return midnight(value)
    return after_day(date.fromisoformat(value))


LastInstant = Annotated[AwareDatetime, BeforeValidator(midnight_after), SAID]


def day(value: Any) -> Any:
    """Only YYYY-MM-DD: a bare number would be seconds since 1970."""
    if not isinstance(value, str) or DATE.fullmatch(value):
        return value
    raise ValueError("is no date: give one like 2026-11-20")


Day = Annotated[date, BeforeValidator(day)]
