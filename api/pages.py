"""Answers that are a table, page after page: the cursor of a page says after which row it begins, of which chain."""

import base64
import json
from binascii import Error
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import duckdb

from api.desk import Desk, Row
from api.problems import Refusal
from api.queries.parts import Key, page_query
from api.row_models import columns_of


@dataclass(frozen=True)
class Table:
    """A relation of serving as an answer: what its rows are called, what says whose they are, their order."""

    relation: str
    noun: str
    fixed: tuple[str, ...]
    order: tuple[Key, ...]
    only: tuple[str, ...] = ()

    @property
    def columns(self) -> list[str]:
        """What the rows say; the fixed keys stand in the head of the answer."""
        return [name for name in self.only or columns_of(self.relation) if name not in self.fixed]


@dataclass(frozen=True)
class Cursor:
    """The place of the last row of a page, in the rows of `keys`."""

    keys: dict[str, Any]
    place: list[str]

    def __str__(self) -> str:
        text = json.dumps([self.keys, self.place], separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(text: str) -> Cursor:
    """Raises Refusal (422) if it is none of ours."""
    try:
        keys, place = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if not (isinstance(keys, dict) and isinstance(place, list) and all(isinstance(each, str) for each in place)):
            raise ValueError("no cursor")
    except (ValueError, TypeError, Error, RecursionError):
        said = "cursor is not one of ours: give next_cursor of the page before, unchanged, or leave it out"
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, said) from None
    return Cursor(keys, place)


def page(
    desk: Desk, table: Table, keys: Row, limit: int, cursor: Cursor | None, where: Sequence[str] = (), **given: object
) -> tuple[list[Row], str | None]:
    """At most `limit` rows, and the cursor of the next page if there is one."""
    place = cursor.place if cursor else []
    if cursor and (cursor.keys != keys or len(place) != len(table.order)):
        raise _foreign()
    sql = page_query(table.relation, table.columns, table.fixed, table.order, where, cursor is not None)
    after = {f"after{number}": value for number, value in enumerate(place)}
    try:
        rows = desk.rows(sql, **keys, **given, **after, limit=limit + 1)
    except duckdb.ConversionException:  # only a cursor brings texts that become numbers
        raise _foreign() from None
    places = [row.pop("page_place") for row in rows]
    return rows[:limit], str(Cursor(keys, places[limit - 1])) if len(rows) > limit else None


def _foreign() -> Refusal:
    said = "cursor belongs to another question: ask with the parameters of the page before, or leave it out"
    return Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, said)
