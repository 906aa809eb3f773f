"""What can be asked: the endpoints, the symbols, the metrics."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi import Query as QueryParameters
from pydantic import Field

from api import queries
from api.answers import IN_ALL_FORMATS, Asking
from api.desk import Desk, newest
from api.formats import Answer
from api.problems import documented
from api.queries.parts import Key
from api.row_models import answer_model, row_model
from api.schemas import Index, TableAnswer
from api.tables import MOST_ROWS, Slice, Table, TableQuery, turn

router = APIRouter(responses={**documented(404, 406, 422, 503), **IN_ALL_FORMATS})


SYMBOLS = Table(
    "latest_prices", "symbols", (), (Key("symbol", "varchar"), Key("source", "varchar")),
    only=("source", "symbol", "asset_class"),
)  # fmt: skip
CATALOG = Table("meta.catalog", "metrics", (), (Key("coalesce(relation, '~')", "varchar"), Key("metric", "varchar")))
SymbolsAnswer = answer_model(
    "SymbolsAnswer", TableAnswer, "symbols", row_model("latest_prices", only=SYMBOLS.only), "by symbol"
)
CatalogAnswer = answer_model("CatalogAnswer", TableAnswer, "metrics", row_model("meta.catalog"), "by relation")


class CatalogQuery(TableQuery):
    limit: int = Field(MOST_ROWS, ge=1, le=MOST_ROWS, description="at most so many rows; all of them unless told")


@router.get("/")
def index(request: Request) -> Index:
    """The endpoints; /openapi.json describes them in full."""
    described = request.app.openapi()["paths"]
    return Index(
        name=request.app.title,
        version=request.app.version,
        demo=request.state.settings.demo,
        endpoints={
            path: next(iter(methods.values()))["description"] for path, methods in described.items() if path != "/"
        },
    )


@router.get("/symbols", response_model=SymbolsAnswer)
def symbols(asked: Asking, query: Annotated[CatalogQuery, QueryParameters()]) -> Response:
    """Every series that has a price; those that came after the build too."""
    return _answer(asked, SYMBOLS, query, is_live=True)


@router.get("/catalog", response_model=CatalogAnswer)
def catalog(asked: Asking, query: Annotated[CatalogQuery, QueryParameters()]) -> Response:
    """Every metric: unit, formula, source, range."""
    asked.unless_known(query.format)
    return _answer(asked, CATALOG, query)


def _answer(asked: Asking, table: Table, query: TableQuery, *, is_live: bool = False) -> Response:
    page = turn(asked.desk, table, {}, Slice(limit=query.limit, fields=query.fields, cursor=query.cursor))
    head = asked.head(page) | {"as_of": built_at(asked.desk)}
    answer = Answer(head, table.noun, page.table, next_cursor=page.next_cursor)
    return asked.answer(answer, query.format, is_live=is_live)


def built_at(desk: Desk) -> datetime | None:
    return newest(desk.recall(queries.catalog.BUILD, build_id=desk.reading.build_id, promised=None), "started_at")
