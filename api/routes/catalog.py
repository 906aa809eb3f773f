"""What can be asked: the endpoints, the symbols, the metrics."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi import Query as QueryParameters

from api import queries
from api.desk import Desk, OpenDesk, Query, newest
from api.problems import documented
from api.schemas import CatalogAnswer, CatalogEntry, Index, Series, SymbolsAnswer

router = APIRouter()


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


@router.get("/symbols", responses=documented(422, 503))
def symbols(desk: OpenDesk, _: Annotated[Query, QueryParameters()]) -> SymbolsAnswer:
    """Every series that has a price; those that came after the build too."""
    rows = desk.rows(queries.series.LIVE_SERIES, symbol=None)
    return SymbolsAnswer(**desk.origin(), as_of=built_at(desk), symbols=[Series(**row) for row in rows])


@router.get("/catalog", responses=documented(422, 503))
def catalog(desk: OpenDesk, _: Annotated[Query, QueryParameters()]) -> CatalogAnswer:
    """Every metric: unit, formula, source, range."""
    rows = desk.rows(queries.catalog.CATALOG)
    return CatalogAnswer(**desk.origin(), as_of=built_at(desk), metrics=[CatalogEntry(**row) for row in rows])


def built_at(desk: Desk) -> datetime | None:
    return newest(desk.rows(queries.catalog.BUILD, build_id=desk.reading.build_id, promised=None), "started_at")
