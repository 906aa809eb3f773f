"""Instants that a question gives: 2026-11-20T14:30Z, or a date, at which it begins in UTC."""

import re
from typing import Annotated, Any

from pydantic import AwareDatetime, BeforeValidator

DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
CLOCK = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ].+")


def midnight(value: Any) -> Any:
    """A date is its midnight; a bare number, which could be seconds or milliseconds, is none."""
    if not isinstance(value, str) or CLOCK.fullmatch(value):
        return value
    if DATE.fullmatch(value):
        return f"{value}T00:00Z"
    raise ValueError("is no instant: give one like 2026-11-20T14:30Z, or a date like 2026-11-20")


Instant = Annotated[AwareDatetime, BeforeValidator(midnight)]
