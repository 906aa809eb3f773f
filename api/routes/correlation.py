"""How symbols move together: every pair over its common days, and one pair through time."""

from typing import Annotated

from fastapi import APIRouter, Response
from fastapi import Query as QueryParameters
from pydantic import Field

from api.answers import IN_ALL_FORMATS, Asking
from api.formats import Answer
from api.portfolio_schemas import CorrelationAnswer, RollingAnswer
from api.problems import documented
from api.queries.parts import Key
from api.ranges import Days, bounds_of
from api.routes.catalog import built_at
from api.row_models import answer_model, row_model
from api.tables import MOST_ROWS, Slice, Table, TableQuery, turn

router = APIRouter(responses={**documented(404, 406, 422, 503), **IN_ALL_FORMATS})

PAIR = tuple(Key(name, "varchar") for name in ("a", "b", "source_a", "source_b"))
PAIRS = Table("correlations", "pairs", (), PAIR)
ROLLING = Table("rolling_correlations", "history", ("source_a", "a", "source_b", "b"), (Key("session_date", "date"),))
PairsAnswer = answer_model(
    "PairsAnswer", CorrelationAnswer, "pairs", row_model("correlations"), "in both orders, each with itself as well"
)
HistoryAnswer = answer_model(
    "RollingCorrelation", RollingAnswer, "history", row_model(ROLLING.relation, frozenset(ROLLING.fixed)),
    "oldest first",
)  # fmt: skip


class CorrelationQuery(TableQuery):
    symbols: str | None = Field(
        None, max_length=4000, description="only pairs among these, comma-separated: AAPL,MSFT,BTCUSDT"
    )
    symbol: str | None = Field(None, description="only pairs of this one with others")
    source: str | None = Field(None, description="only symbols of this one")
    limit: int = Field(10_000, ge=1, le=MOST_ROWS, description="at most so many pairs; next_cursor leads on")


class RollingQuery(TableQuery, Days):
    source: str | None = Field(None, description="needed only where several sources have the symbols")
    limit: int = Field(1000, ge=1, le=MOST_ROWS, description="at most so many sessions; next_cursor leads on")


@router.get("/correlation", response_model=PairsAnswer)
def correlation(asked: Asking, query: Annotated[CorrelationQuery, QueryParameters()]) -> Response:
    """Pearson's and Spearman's correlation of daily returns on the days that both symbols have, and how many."""
    asked.unless_known(query.format)
    desk, where, given = asked.desk, [], dict[str, object]()
    if query.symbols is not None:
        given["symbols"] = [desk.symbol(name.strip()) for name in query.symbols.split(",")]
        where.append("list_contains($symbols, a) and list_contains($symbols, b)")
    if query.symbol is not None:
        given["symbol"] = desk.symbol(query.symbol)
        where.append("a = $symbol")
    if query.source is not None:
        desk.accept_source(query.source, None)
        given["source"] = query.source
        where.append("source_a = $source and source_b = $source")
    part = Slice(limit=query.limit, fields=query.fields, cursor=query.cursor, where=where, given=given)
    page = turn(desk, PAIRS, {}, part)
    head = asked.head(None, source=query.source, periods_per_year=None) | {"as_of": built_at(desk)}
    return asked.answer(Answer(head, "pairs", page.table, next_cursor=page.next_cursor), query.format)


@router.get("/correlation/{a}/{b}", response_model=HistoryAnswer)
def rolling(a: str, b: str, asked: Asking, query: Annotated[RollingQuery, QueryParameters()]) -> Response:
    """The correlation of one pair through time, over the window of metrics.window_correlation common days."""
    asked.unless_known(query.format)
    first, second = (asked.desk.series(name, query.source) for name in (a, b))
    pair = {"source_a": first.source, "a": first.symbol, "source_b": second.source, "b": second.symbol}
    bounds = vars(bounds_of("session_date", query.start, query.end))
    part = Slice(limit=query.limit, fields=query.fields, cursor=query.cursor, **bounds)
    page = turn(asked.desk, ROLLING, pair, part)
    newest = Slice(limit=1, fields="rolling_correlation_pair", **bounds, is_descending=True)
    last = turn(asked.desk, ROLLING, pair, newest).table["rolling_correlation_pair"]
    head = asked.head(None, source=query.source, periods_per_year=None, **pair) | {"as_of": built_at(asked.desk)}
    more = {"newest": last[0].as_py() if len(last) else None}
    answer = Answer(head, "history", page.table, more=more, next_cursor=page.next_cursor)
    return asked.answer(answer, query.format)
