"""Answers that are a table: chosen columns of a relation, a range of time, page by page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from typing import Any, Literal

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from api.cursors import Cursor, cursor_after, foreign, read_cursor
from api.desk import Desk, Query
from api.formats import Format
from api.problems import absent
from api.queries.parts import Key, page_query
from api.ranges import Instants
from api.row_models import columns_of

ROWS, MOST_ROWS = 250, 100_000  # of one page; a cursor leads to the rest


class TableQuery(Query):
    fields: str | None = Field(None, max_length=4000, description="only these columns, comma-separated, in this order")
    limit: int = Field(ROWS, ge=1, le=MOST_ROWS, description="at most so many rows; next_cursor leads to the others")
    cursor: str | None = Field(None, max_length=2000, description="next_cursor of the page before")
    format: Format | None = Field(None, description="json unless Accept prefers another")


class RangeQuery(TableQuery, Instants):
    order: Literal["newest", "oldest"] | None = Field(
        None, description="the end that pages begin at: newest, or oldest where `from` is given; rows go up in time"
    )
    latest: bool = Field(False, description="the newest row alone")

    @property
    def from_newest(self) -> bool:
        return self.latest or (self.order or ("oldest" if self.start else "newest")) == "newest"

    @property
    def rows(self) -> int:
        return 1 if self.latest else self.limit


@dataclass(frozen=True)
class Table:
    """A relation of serving as an answer: what its rows are called, what says whose they are, their order."""

    relation: str
    noun: str
    fixed: tuple[str, ...]  # columns that the head of the answer says
    order: tuple[Key, ...]
    only: tuple[str, ...] = ()
    as_of: str | None = None  # the column whose greatest value is the answer's
    where: tuple[str, ...] | None = None  # other conditions than that `fixed` are what they are

    @property
    def columns(self) -> list[str]:
        return [name for name in self.only or columns_of(self.relation) if name not in self.fixed]

    @property
    def conditions(self) -> list[str]:
        return [f"{name} = ${name}" for name in self.fixed] if self.where is None else list(self.where)


@dataclass(frozen=True)
class Page:
    table: pa.Table
    as_of: datetime | None
    next_cursor: str | None
    read: pa.Table  # the same rows, with the columns that are not shown


@dataclass(frozen=True)
class Slice:
    """Which part of a table: `limit` rows from the greatest on if `is_descending`, after the row of `cursor`."""

    limit: int
    fields: str | None = None
    cursor: str | None = None
    where: Sequence[str] = ()
    given: Mapping[str, object] = field(default_factory=dict)  # parameters of `where`
    beside: Mapping[str, object] = field(default_factory=dict)  # parameters that belong to this page alone
    is_descending: bool = False
    is_reversed: bool = False  # given in another order than read
    also: tuple[str, ...] = ()  # columns to read whether they are shown or not

    @property
    def question(self) -> dict[str, str]:
        """As a cursor keeps it."""
        said = {name: str(value) for name, value in self.given.items()}
        return {**said, "order": "desc" if self.is_descending else "asc"}


def turn(desk: Desk, table: Table, keys: Mapping[str, Any], part: Slice) -> Page:
    """A page of what `keys` say, and where it goes on.

    Raises Refusal (404) for unknown fields and a cursor of another question.
    """
    shown = chosen(table.columns, part.fields)
    question = {**{name: str(value) for name, value in keys.items()}, **part.question}
    place = read_cursor(part.cursor)
    after = place.after(question, len(table.order)) if place else {}
    hidden = [name for name in dict.fromkeys((*part.also, *filter(None, [table.as_of]))) if name not in shown]
    found = _read(desk, table, [*shown, *hidden], {**keys, **part.given, **part.beside}, after, part)
    rows = found.slice(0, part.limit)
    more = cursor_after(question, _last(rows, table.order)) if found.num_rows > part.limit > 0 else None
    return _page(rows[::-1] if part.is_reversed and rows.num_rows else rows, shown, table.as_of, more)


def _read(
    desk: Desk, table: Table, columns: list[str], given: dict[str, Any], after: dict[str, str], part: Slice
) -> pa.Table:
    """One row more than asked for, which says that there is another page."""
    keyed = [(f"place{n}", key.expression) for n, key in enumerate(table.order) if key.expression not in columns]
    shown = [*columns, *(f"{expression} as {name}" for name, expression in keyed)]
    where = [*table.conditions, *part.where]
    sql = page_query(table.relation, shown, table.order, where, goes_on=bool(after), is_descending=part.is_descending)
    try:
        return desk.table(sql, **given, **after, limit=part.limit + 1)
    except duckdb.ConversionException:  # only a cursor brings texts that become other types
        if not after:
            raise
        raise foreign() from None


def _last(rows: pa.Table, order: Sequence[Key]) -> list[object]:
    names = (key.expression if key.expression in rows.schema.names else f"place{n}" for n, key in enumerate(order))
    return [rows[name][-1].as_py() for name in names]


def _page(rows: pa.Table, shown: Sequence[str], as_of: str | None, more: Cursor | None) -> Page:
    newest = pc.max(rows[as_of]).as_py() if as_of and rows.num_rows else None
    return Page(rows.select(shown), newest, str(more) if more else None, rows)


def chosen(offered: Sequence[str], fields: str | None, hint: str = "") -> list[str]:
    """The columns that `fields` names, comma-separated, in its order; all of them without it.

    Raises Refusal (404), with the `hint` where else to look.
    """
    if fields is None:
        return list(offered)
    names = list(dict.fromkeys(part.strip() for part in fields.split(",")))
    for name in names:
        if name not in offered:
            nearest = get_close_matches(name, offered, n=5, cutoff=0.5)
            ordered = [*nearest, *(other for other in offered if other not in nearest)]
            more = f" and {len(ordered) - 20} more" if len(ordered) > 20 else ""
            detail = f"fields = {name!r} is no field of this answer; there are {', '.join(ordered[:20])}{more}{hint}"
            raise absent(detail, ordered)
    return names
