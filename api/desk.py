"""What each route answers from: one build, and the series that a symbol means."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

import pyarrow as pa
from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from api import queries
from api.problems import Refusal, accept, unknown
from quant.settings import Settings
from quant.warehouse import Reading, Warehouse

Row = dict[str, Any]
SERIES = (queries.series.SERIES, queries.series.LIVE_SERIES)  # stored rows first: they answer in a millisecond


@dataclass(frozen=True)
class Series:
    source: str
    symbol: str
    asset_class: str | None = None

    @property
    def key(self) -> dict[str, str]:
        return {"source": self.source, "symbol": self.symbol}


@dataclass(frozen=True)
class Desk:
    """One build, read by all queries of one answer."""

    reading: Reading
    demo: bool

    def table(self, sql: str, **parameters: object) -> pa.Table:
        return self.reading.query(sql, parameters)

    def rows(self, sql: str, **parameters: object) -> list[Row]:
        return self.reading.rows(sql, parameters)

    def recall(self, sql: str, **parameters: object) -> list[Row]:
        """Rows of stored relations, asked once per build."""
        return self.reading.recall(sql, parameters)

    def row(self, sql: str, **parameters: object) -> Row | None:
        return next(iter(self.rows(sql, **parameters)), None)

    def origin(self) -> Row:
        """What every answer says of itself."""
        return {"build_id": self.reading.build_id, "demo": self.demo}

    def series(self, symbol: str, source: str | None) -> Series:
        """The one series that is meant; upper and lower case are the same. Raises Refusal (404, 422)."""
        return choose("symbol", self._matches(symbol), source)

    def symbol(self, symbol: str) -> str:
        """Its usual spelling; raises Refusal (404) if no source has it."""
        return str(self._matches(symbol)[0]["symbol"])

    def accept_source(self, source: str, symbol: str | None) -> None:
        """Raises Refusal (404) where the source has no series, or none of `symbol`."""
        known = {row["source"] for sql in SERIES for row in self.rows(sql, symbol=symbol)}
        accept("source", source, sorted(known))

    def _matches(self, symbol: str) -> list[Row]:
        if rows := self.recall(queries.series.SERIES, symbol=symbol):
            return rows
        if rows := self.rows(queries.series.LIVE_SERIES, symbol=symbol):
            return rows
        known = {row["symbol"] for sql in SERIES for row in self.rows(sql, symbol=None)}
        raise unknown("symbol", symbol, sorted(known))


def choose(kind: str, rows: list[Row], source: str | None) -> Series:
    """The only row, or the one of `source`; never a silent choice between two sources."""
    sources = [row["source"] for row in rows]
    meant = [row for row in rows if source in (None, row["source"])]
    if len(meant) == 1:
        return Series(**meant[0])
    symbol, names = rows[0]["symbol"], ", ".join(sources)
    if not meant:
        detail = f"{kind} {symbol} is not known from source {source}, but from {names}"
        raise Refusal(HTTPStatus.NOT_FOUND, detail, sources)
    detail = f"{kind} {symbol} comes from {names}: add ?source= to choose one"
    raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, detail, sources)


def newest(rows: list[Row], column: str) -> datetime | None:
    return max((row[column] for row in rows if row[column] is not None), default=None)


class Query(BaseModel):
    """Parameters of a route; unknown ones are refused, for a misspelt filter would answer another question."""

    model_config = ConfigDict(extra="forbid")


class SeriesQuery(Query):
    source: str | None = Field(None, description="needed only where several sources have the symbol")


@contextmanager
def desk_of(request: Request) -> Iterator[Desk]:
    settings: Settings = request.state.settings
    warehouse: Warehouse = request.state.warehouse
    with warehouse.reading() as reading:
        yield Desk(reading, settings.demo)


def open_desk(request: Request) -> Iterator[Desk]:
    with desk_of(request) as desk:
        yield desk


OpenDesk = Annotated[Desk, Depends(open_desk)]
