"""Drawdowns of a symbol or a portfolio: every fall, and how far below its peak each session closed."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi import Query as QueryParameters
from pydantic import Field, create_model

from api import queries
from api.desk import Desk, OpenDesk, Row, SeriesQuery
from api.drawdown_schemas import DrawdownsAnswer, DrawdownSummary
from api.pages import Table, page, read_cursor
from api.problems import documented
from api.queries.parts import Key
from api.row_models import row_model

router = APIRouter(responses=documented(404, 422, 503))

PORTFOLIO = "portfolio"
SESSIONS = ("session_date", "cumulative_return", "drawdown")
SESSION = (Key("session_date", "date"),)
FALLS = Table("drawdown_episodes", "episodes", ("source", "symbol", "interval"), (Key("rank", "bigint"),))
SERIES = Table("drawdown", "series", ("source", "symbol", "interval"), SESSION, SESSIONS)
HELD = Table("portfolios", "series", (PORTFOLIO,), SESSION, SESSIONS)
ROWS: dict[str, Any] = {
    "episodes": (
        list[row_model(FALLS.relation, frozenset(FALLS.fixed))],  # type: ignore[misc]
        Field(description="the deepest falls of the whole history, the deepest first; at most `episodes`"),
    ),
    "series": (
        list[row_model(SERIES.relation, frozenset({*SERIES.fixed, "ts"}))],  # type: ignore[misc]
        Field(description="each session, oldest first; at most `limit`"),
    ),
}
Drawdowns = create_model("Drawdowns", __base__=DrawdownsAnswer, **ROWS)


class DrawdownsQuery(SeriesQuery):
    start: date | None = Field(None, alias="from", description="sessions from this one on, as YYYY-MM-DD")
    end: date | None = Field(None, alias="to", description="sessions up to this one, as YYYY-MM-DD")
    episodes: int = Field(10, ge=0, le=1000, description="so many of the deepest falls")
    limit: int = Field(1000, ge=1, le=20_000, description="at most so many sessions; next_cursor leads to the others")
    cursor: str | None = Field(None, max_length=2000, description="next_cursor of the page before")


@router.get("/drawdowns/{symbol}", response_model=Drawdowns)
def drawdowns(symbol: str, desk: OpenDesk, query: Annotated[DrawdownsQuery, QueryParameters()]) -> Row:
    """The deepest falls and the distance from the peak session by session, of a symbol or a portfolio."""
    source, name = _meant(desk, symbol, query.source)
    fall = {"source": source, "symbol": name, "interval": "1d"}
    is_held = source == PORTFOLIO
    summary = desk.row(
        queries.drawdowns.PORTFOLIO_SUMMARY if is_held else queries.drawdowns.SUMMARY, **_of(fall, is_held)
    )
    bounds = {"start": (">=", query.start), "end": ("<=", query.end)}
    given = {key: value for key, (_, value) in bounds.items() if value is not None}
    where = [f"session_date {bounds[key][0]} ${key}" for key in given]
    cursor = read_cursor(query.cursor) if query.cursor else None
    table, keys = (HELD, {PORTFOLIO: name}) if is_held else (SERIES, fall)
    series, following = page(desk, table, keys, query.limit, cursor, where, **given)
    return {
        **desk.origin(),
        **fall,
        "as_of": summary["as_of"] if summary else None,
        "summary": DrawdownSummary(**summary) if summary else None,
        "episodes": page(desk, FALLS, fall, query.episodes, None)[0],
        "series": series,
        "next_cursor": following,
    }


def _of(fall: dict[str, str], is_held: bool) -> dict[str, str]:
    return {"symbol": fall["symbol"]} if is_held else {"source": fall["source"], "symbol": fall["symbol"]}


def _meant(desk: Desk, symbol: str, source: str | None) -> tuple[str, str]:
    """Source and name; a portfolio where no symbol is called so, or where its source is asked for."""
    known = [row[PORTFOLIO] for row in desk.rows(queries.drawdowns.PORTFOLIOS)]
    named = next((each for each in known if each.lower() == symbol.lower()), None)
    is_free = source is None and named and not desk.rows(queries.series.SERIES, symbol=symbol)
    if named and (source == PORTFOLIO or is_free):
        return PORTFOLIO, named
    series = desk.series(symbol, source)
    return series.source, series.symbol
