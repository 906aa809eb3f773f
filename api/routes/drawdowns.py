"""Drawdowns of a symbol or a portfolio: every fall, and how far below its peak each session closed."""

from typing import Annotated, Any

from fastapi import APIRouter, Response
from fastapi import Query as QueryParameters
from pydantic import Field

from api import queries
from api.answers import IN_ALL_FORMATS, Asking
from api.desk import Desk, SeriesQuery
from api.drawdown_schemas import DrawdownsAnswer
from api.formats import Answer
from api.problems import documented
from api.queries.parts import Key
from api.ranges import Days, bounds_of
from api.row_models import answer_model, row_model
from api.tables import MOST_ROWS, Page, Slice, Table, TableQuery, turn
from quant.formats import encodable

router = APIRouter(responses={**documented(404, 406, 422, 503), **IN_ALL_FORMATS})

PORTFOLIO = "portfolio"
SESSIONS = ("session_date", "cumulative_return", "drawdown")
SESSION = (Key("session_date", "date"),)
SERIES_OF = ("source", "symbol", "interval")
FALLS = Table("drawdown_episodes", "episodes", SERIES_OF, (Key("rank", "bigint"),))
SERIES = Table("drawdown", "series", SERIES_OF, SESSION, SESSIONS)
HELD = Table("portfolios", "series", (PORTFOLIO,), SESSION, SESSIONS)
Drawdowns = answer_model(
    "Drawdowns",
    answer_model(
        "Falls",
        DrawdownsAnswer,
        "episodes",
        row_model(FALLS.relation, frozenset(FALLS.fixed)),
        "the deepest falls of the whole history, the deepest first; at most `episodes`",
    ),
    "series",
    row_model(SERIES.relation, only=SESSIONS),
    "each session, oldest first; at most `limit`",
)


class DrawdownsQuery(TableQuery, SeriesQuery, Days):
    episodes: int = Field(10, ge=0, le=1000, description="so many of the deepest falls, in JSON")
    limit: int = Field(1000, ge=1, le=MOST_ROWS, description="at most so many sessions; next_cursor leads on")


@router.get("/drawdowns/{symbol}", response_model=Drawdowns)
def drawdowns(symbol: str, asked: Asking, query: Annotated[DrawdownsQuery, QueryParameters()]) -> Response:
    """The deepest falls and the distance from the peak session by session, of a symbol or a portfolio."""
    asked.unless_known(query.format)
    source, name = _meant(asked.desk, symbol, query.source)
    fall = {"source": source, "symbol": name, "interval": "1d"}
    is_held = source == PORTFOLIO
    sql = queries.drawdowns.PORTFOLIO_SUMMARY if is_held else queries.drawdowns.SUMMARY
    summary = asked.desk.row(sql, **_of(fall, is_held))
    page = _sessions(asked.desk, (HELD, {PORTFOLIO: name}) if is_held else (SERIES, fall), query)
    falls = turn(asked.desk, FALLS, fall, Slice(limit=query.episodes))
    whole = asked.desk.recall(queries.portfolio.SUMMARY, portfolio=name) if is_held else [summary or {"as_of": None}]
    head = asked.head(None, **fall) | {"as_of": whole[0]["as_of"]}
    more = {
        "summary": {name: summary[name] for name in queries.drawdowns.FACTS} if summary else None,
        "episodes": encodable(falls.table),
    }
    answer = Answer(head, "series", page.table, more=more, next_cursor=page.next_cursor)
    return asked.answer(answer, query.format)


def _sessions(desk: Desk, whose: tuple[Table, dict[str, Any]], query: DrawdownsQuery) -> Page:
    bounds = bounds_of("session_date", query.start, query.end)
    part = Slice(limit=query.limit, fields=query.fields, cursor=query.cursor, **vars(bounds))
    return turn(desk, *whose, part)


def _of(fall: dict[str, str], is_held: bool) -> dict[str, str]:
    return {"symbol": fall["symbol"]} if is_held else {"source": fall["source"], "symbol": fall["symbol"]}


def _meant(desk: Desk, symbol: str, source: str | None) -> tuple[str, str]:
    """Source and name; a portfolio where no symbol is called so, or where its source is asked for."""
    known = [row[PORTFOLIO] for row in desk.recall(queries.portfolio.NAMES)]
    named = next((each for each in known if each.lower() == symbol.lower()), None)
    is_free = source is None and named and not desk.recall(queries.series.SERIES, symbol=symbol)
    if named and (source == PORTFOLIO or is_free):
        return PORTFOLIO, named
    series = desk.series(symbol, source)
    return series.source, series.symbol
