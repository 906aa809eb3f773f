"""Where a page ended: the row after which the next one begins, and the question that it belongs to."""

import base64
import json
from binascii import Error
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from http import HTTPStatus
from typing import Any

from api.problems import Refusal

REMEDY = "give next_cursor of the page before, unchanged, with the same parameters, or leave it out"


@dataclass(frozen=True)
class Cursor:
    """The place of the last row of a page, in the rows of `keys`; as text it is opaque to callers."""

    keys: dict[str, Any]
    place: list[str]

    def __str__(self) -> str:
        text = json.dumps([self.keys, self.place], separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    def after(self, keys: dict[str, Any], length: int) -> dict[str, str]:
        """Parameters of the next page; raises Refusal (404) where the cursor is of another question."""
        if self.keys != keys or len(self.place) != length:
            raise foreign()
        return {f"after{number}": value for number, value in enumerate(self.place)}


def cursor_after(keys: dict[str, Any], place: Sequence[object]) -> Cursor:
    return Cursor(keys, [_text(value) for value in place])


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime | date) else str(value)


def read_cursor(text: str | None) -> Cursor | None:
    """Raises Refusal (404) if it is none of ours: there is no such page."""
    if text is None:
        return None
    try:
        keys, place = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if not (isinstance(keys, dict) and isinstance(place, list) and all(isinstance(each, str) for each in place)):
            raise ValueError("no cursor")
    except (ValueError, TypeError, Error, RecursionError):
        raise Refusal(HTTPStatus.NOT_FOUND, f"cursor is not one of ours: {REMEDY}") from None
    return Cursor(keys, place)


def foreign() -> Refusal:
    return Refusal(HTTPStatus.NOT_FOUND, f"cursor belongs to another question: {REMEDY}")
