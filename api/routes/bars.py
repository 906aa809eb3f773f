"""Bars and metrics of one symbol through time."""

from dataclasses import replace
from typing import Annotated

import duckdb
from fastapi import APIRouter, Response
from fastapi import Query as QueryParameters
from pydantic import Field

from api import queries
from api.answers import IN_ALL_FORMATS, Asking
from api.cursors import foreign, read_cursor
from api.desk import Series
from api.formats import Answer
from api.problems import accept, documented
from api.queries.parts import OF_SERIES, PAGE_BOUNDS, Key, bars_of
from api.ranges import Bounds, bounds_of
from api.row_models import answer_model, columns_of, row_model
from api.schemas import IntervalAnswer
from api.tables import Page, RangeQuery, Slice, Table, turn
from quant.settings.signals import Interval

router = APIRouter(responses={**documented(404, 406, 422, 503), **IN_ALL_FORMATS})

SAID = ("source", "symbol", "asset_class", "interval", "periods_per_year")
TS = (Key("ts", "timestamptz"),)
KEYS = ("source = $source", "symbol = $symbol", "interval = $interval")
OF_BARS = tuple(name for name in columns_of("bars") if name not in SAID)
BARS = Table("bars", "bars", SAID, TS, only=OF_BARS, as_of="as_of", where=KEYS)
HISTORY = Table("metrics", "history", (*SAID, "series_id"), TS, as_of="end_ts", where=(OF_SERIES,))
BarsAnswer = answer_model(
    "BarsAnswer", IntervalAnswer, "bars", row_model("bars", frozenset(SAID)), "oldest first; at most `limit`"
)
HistoryAnswer = answer_model(
    "HistoryAnswer", IntervalAnswer, "history", row_model("metrics", frozenset(HISTORY.fixed)), "oldest first"
)


class BarsQuery(RangeQuery):
    source: str | None = Field(None, description="needed only where several sources have the symbol")
    interval: Interval = Field("1d", description="length of the bars")


@router.get("/bars/{symbol}", response_model=BarsAnswer)
def bars(symbol: str, asked: Asking, query: Annotated[BarsQuery, QueryParameters()]) -> Response:
    """Bars with their indicators, oldest first: 1m and 1d up to the open one; 5m to 4h and 1w final, as of the build.

    Without `from` the newest `limit` bars; with it the first ones from then on. `next_cursor` leads to the others.
    """
    series = asked.desk.series(symbol, query.source)
    table = replace(BARS, relation=bars_of(series.asset_class, query.interval))
    return _answer(asked, series, query, table, is_live=True)


@router.get("/metrics/{symbol}/history", response_model=HistoryAnswer)
def history(symbol: str, asked: Asking, query: Annotated[BarsQuery, QueryParameters()]) -> Response:
    """Every metric that is stored of each final bar, as of the build: choose some by `fields`.

    Without `from` the newest `limit` bars; with it the first ones from then on. `next_cursor` leads to the others.
    """
    asked.unless_known(query.format)
    series = asked.desk.series(symbol, query.source)
    return _answer(asked, series, query, HISTORY)


def _answer(asked: Asking, series: Series, query: BarsQuery, table: Table, *, is_live: bool = False) -> Response:
    keys = {**series.key, "interval": query.interval}
    bounds = bounds_of("ts", query.start, query.end)
    near = _near(asked, keys, bounds, query) if table is HISTORY else {}
    where = [*bounds.where, "ts between $first_ts and $last_ts"] if near else bounds.where
    page = turn(
        asked.desk, table, keys,
        Slice(limit=query.rows, fields=query.fields, cursor=query.cursor, where=where, given=bounds.given, beside=near,
        is_descending=query.from_newest, is_reversed=query.from_newest, also=("periods_per_year",)))  # fmt: skip
    if not page.table.num_rows and "interval" in query.model_fields_set:
        listed = asked.desk.rows(queries.prices.BAR_INTERVALS, **series.key)
        accept("interval", query.interval, [row["interval"] for row in listed])
    head = asked.head(page, **vars(series), interval=query.interval, periods_per_year=_ppy(page))
    answer = Answer(head, table.noun, page.table, next_cursor=page.next_cursor)
    return asked.answer(answer, query.format, is_live=is_live)


def _near(asked: Asking, keys: dict[str, str], bounds: Bounds, query: BarsQuery) -> dict[str, object]:
    """The instants between which the page lies: a limit is applied after all joins, these bounds before."""
    where = [*KEYS, *bounds.where]
    place = read_cursor(query.cursor)
    after = {"after0": place.place[0]} if place and len(place.place) == 1 else {}
    if after:
        where.append(f"ts {'<' if query.from_newest else '>'} $after0::timestamptz")
    direction = "desc" if query.from_newest else "asc"
    sql = PAGE_BOUNDS.format(conditions=" and ".join(where), direction=direction)
    try:
        return asked.desk.row(sql, **keys, **bounds.given, **after, limit=query.rows + 1) or {}
    except duckdb.ConversionException:
        raise foreign() from None


def _ppy(page: Page) -> object:
    return page.read["periods_per_year"][-1].as_py() if page.read.num_rows else None
