"""Portfolios of the configuration: figures, members, weights, what a return is made of and what risk."""

from typing import Annotated, Any

from fastapi import APIRouter, Response
from fastapi import Query as QueryParameters
from pydantic import Field

from api import queries
from api.answers import IN_ALL_FORMATS, Asking
from api.desk import Desk, Query
from api.formats import Answer, Format
from api.keyed import of_names, with_units
from api.portfolio_schemas import PortfolioAnswer, PortfolioHead
from api.problems import documented, unknown
from api.queries.parts import Key
from api.ranges import Bounds, Days, bounds_of
from api.routes.catalog import built_at
from api.row_models import answer_model, row_model
from api.schemas import TableAnswer
from api.tables import MOST_ROWS, Slice, Table, TableQuery, turn

router = APIRouter(responses={**documented(404, 406, 422, 503), **IN_ALL_FORMATS})

OF = ("portfolio",)
SESSION = Key("session_date", "date")
MEMBER = (Key("source", "varchar"), Key("symbol", "varchar"))
PAIR = tuple(Key(name, "varchar") for name in ("source_a", "a", "source_b", "b"))
FACTOR = (Key("factor_set", "varchar"), Key("frequency", "varchar"), Key("factor", "varchar"))
OF_FACTORS = ("source", "symbol", "portfolio")
ALL = Table("portfolio_summary", "portfolios", (), (Key("portfolio", "varchar"),))
PARTS = {
    "history": (Table("portfolios", "history", OF, (SESSION,)), "Return, growth, drawdown and turnover by session."),
    "weights": (
        Table("portfolio_weights", "weights", OF, (SESSION, *MEMBER)),
        "What each member weighed in each session, and when the weights were set back.",
    ),
    "members": (
        Table("portfolio_members", "members", OF, MEMBER),
        "Each member: its weight, what it added to return and risk, and the weights that theory would give.",
    ),
    "attribution": (
        Table("portfolio_attribution", "segments", OF, (Key("grouping", "varchar"), Key("segment", "varchar"))),
        "Why the return is not the benchmark's (Brinson and Fachler), by asset class and by sector.",
    ),
    "kelly": (
        Table("portfolio_stakes", "stakes", OF,
              (Key("coalesce(source, '')", "varchar"), Key("coalesce(symbol, '')", "varchar"),
               Key("fraction", "double"))),
        "Kelly's stakes on the whole and on each member, and what would follow from them.",
    ),
    "components": (
        Table("portfolio_components", "components", OF, (Key("component", "bigint"), *MEMBER)),
        "Principal components: what moves the members together.",
    ),
    "correlation": (
        Table("portfolio_correlations", "pairs", OF, PAIR),
        "The members' correlations on their common days.",
    ),
    "factors": (
        Table("factor_exposures", "factors", OF_FACTORS, FACTOR,
              where=("source = 'portfolio'", "symbol = $portfolio")),
        "How the portfolio moves with each factor, with standard errors.",
    ),
}  # fmt: skip


class PortfolioQuery(Query):
    fields: str | None = Field(None, max_length=4000, description="only these metrics, comma-separated")
    format: Format | None = Field(None, description="json unless Accept prefers another")


class PartQuery(TableQuery):
    limit: int = Field(1000, ge=1, le=MOST_ROWS, description="at most so many rows; next_cursor leads to the others")


class SessionsQuery(PartQuery, Days):
    latest: bool = Field(False, description="the newest session alone, up to `to`")


PortfoliosAnswer = answer_model(
    "PortfoliosAnswer", TableAnswer, "portfolios", row_model("portfolio_summary"), "by name, with their figures"
)


@router.get("/portfolio", response_model=PortfoliosAnswer)
def portfolios(asked: Asking, query: Annotated[PartQuery, QueryParameters()]) -> Response:
    """Every portfolio of the configuration with its figures over the whole sample."""
    asked.unless_known(query.format)
    page = turn(asked.desk, ALL, {}, Slice(limit=query.limit, fields=query.fields, cursor=query.cursor))
    answer = Answer(
        asked.head(None, source="portfolio") | {"as_of": built_at(asked.desk)},
        "portfolios",
        page.table,
        next_cursor=page.next_cursor,
    )
    return asked.answer(answer, query.format)


@router.get("/portfolio/{name}", response_model=PortfolioAnswer)
def portfolio(name: str, asked: Asking, query: Annotated[PortfolioQuery, QueryParameters()]) -> Response:
    """What a portfolio is, and its performance and risk over the whole sample."""
    asked.unless_known(query.format)
    key = {"portfolio": meant(asked.desk, name)}
    [summary] = asked.desk.recall(queries.portfolio.SUMMARY, **key)
    figures = with_units(asked.desk.table(queries.portfolio.METRICS, **key), ALL.relation)
    table = of_names(figures, "metric", query.fields)
    head = asked.head(None, source="portfolio", **key) | summary
    return asked.answer(Answer(head, "metrics", table, key="metric"), query.format)


def meant(desk: Desk, name: str) -> str:
    """The portfolio of this name, in its own spelling; raises Refusal (404)."""
    known = [row["portfolio"] for row in desk.recall(queries.portfolio.NAMES)]
    for each in known:
        if each.lower() == name.lower():
            return str(each)
    raise unknown("portfolio", name, known)


def _add(part_name: str, table: Table, said: str) -> None:
    row = row_model(table.relation, frozenset(table.fixed))
    model = answer_model(f"Portfolio{part_name.title()}Answer", PortfolioHead, table.noun, row, "in order")
    asks: Any = SessionsQuery if SESSION in table.order else PartQuery

    def part(name: str, asked: Asking, query: Annotated[asks, QueryParameters()]) -> Response:
        asked.unless_known(query.format)
        return _answer(asked, name, table, query)

    path = f"/portfolio/{{name}}/{part_name}"
    router.add_api_route(path, part, response_model=model, name=f"portfolio {part_name}", description=said)


def _answer(asked: Asking, name: str, table: Table, query: PartQuery) -> Response:
    key = {"portfolio": meant(asked.desk, name)}
    [summary] = asked.desk.recall(queries.portfolio.SUMMARY, **key)
    bounds = _bounds(asked.desk, key, query) if isinstance(query, SessionsQuery) else Bounds()
    part = Slice(limit=query.limit, fields=query.fields, cursor=query.cursor, **vars(bounds))
    page = turn(asked.desk, table, key, part)
    said = {each: summary[each] for each in ("as_of", "benchmark", "periods_per_year")}
    head = asked.head(None, source="portfolio", **key) | said
    return asked.answer(Answer(head, table.noun, page.table, next_cursor=page.next_cursor), query.format)


def _bounds(desk: Desk, key: dict[str, str], query: SessionsQuery) -> Bounds:
    start = query.start
    if query.latest:
        [newest] = desk.rows(queries.portfolio.NEWEST, **key, end=query.end)
        start = max((each for each in (start, newest["session_date"]) if each is not None), default=None)
    return bounds_of("session_date", start, query.end)


for _name, (_table, _said) in PARTS.items():
    _add(_name, _table, _said)
