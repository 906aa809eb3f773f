"""How the chains of an underlying went on: a row per session, and a row per snapshot that is kept."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi import Query as QueryParameters
from pydantic import Field, create_model

from api.chains import chain_of
from api.desk import Desk, OpenDesk, Row, SeriesQuery, newest
from api.option_schemas import ChainsAnswer
from api.pages import Table, page, read_cursor
from api.problems import documented
from api.queries.parts import Key
from api.routes.signals import Instant
from api.row_models import row_model

router = APIRouter(responses=documented(404, 422, 503))

OF_UNDERLYING = ("source", "underlying")
HISTORY = Table("option_history", "history", OF_UNDERLYING, (Key("session_on", "date"),))
SNAPSHOTS = Table("option_snapshots", "snapshots", OF_UNDERLYING,
                  (Key("fetched_at", "timestamptz"), Key("ingest_run_id", "varchar")))  # fmt: skip
Rows = Annotated[int, Field(ge=1, le=20_000, description="at most so many rows; next_cursor leads to the others")]
Place = Annotated[str | None, Field(max_length=2000, description="next_cursor of the page before")]


class HistoryQuery(SeriesQuery):
    start: date | None = Field(None, alias="from", description="from this session on, as YYYY-MM-DD")
    end: date | None = Field(None, alias="to", description="up to this session, as YYYY-MM-DD")
    limit: Rows = 1000
    cursor: Place = None


class SnapshotsQuery(SeriesQuery):
    start: Instant | None = Field(None, alias="from", description="fetched at this instant or later")
    end: Instant | None = Field(None, alias="to", description="fetched at this instant or earlier")
    limit: Rows = 1000
    cursor: Place = None


def _model(table: Table) -> Any:
    row = row_model(table.relation, frozenset(table.fixed))
    rows: dict[str, Any] = {table.noun: (list[row], Field(description="oldest first"))}  # type: ignore[valid-type]
    return create_model(f"{table.noun.title()}Answer", __base__=ChainsAnswer, **rows)


@router.get("/options/{underlying}/history", response_model=_model(HISTORY))
def history(underlying: str, desk: OpenDesk, query: Annotated[HistoryQuery, QueryParameters()]) -> Row:
    """Volatility of 30 days by the last chain of each session, its rank, and what the underlying did."""
    return _answer(desk, underlying, HISTORY, query)


@router.get("/options/{underlying}/snapshots", response_model=_model(SNAPSHOTS))
def snapshots(underlying: str, desk: OpenDesk, query: Annotated[SnapshotsQuery, QueryParameters()]) -> Row:
    """Every chain that is kept, as a whole: what `snapshot` and `as_of` of the other parts choose from."""
    return _answer(desk, underlying, SNAPSHOTS, query)


def _answer(desk: Desk, underlying: str, table: Table, query: HistoryQuery | SnapshotsQuery) -> Row:
    chain = chain_of(desk, underlying, query.source)
    keys = {name: chain.key[name] for name in table.fixed}
    time = table.order[0]
    bounds = {"start": (">=", query.start), "end": ("<=", query.end)}
    where = [f"{time.expression} {sign} ${name}" for name, (sign, value) in bounds.items() if value is not None]
    given = {name: value for name, (_, value) in bounds.items() if value is not None}
    cursor = read_cursor(query.cursor) if query.cursor else None
    rows, following = page(desk, table, keys, query.limit, cursor, where, **given)
    return {
        **desk.origin(), **keys, "as_of": newest(rows, "quoted_at"), "reason": chain.reason,
        table.noun: rows, "next_cursor": following,
    }  # fmt: skip
