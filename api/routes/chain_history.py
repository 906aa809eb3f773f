"""How the chains of an underlying went on: a row per session, and a row per snapshot that is kept."""

from typing import Annotated

from fastapi import APIRouter, Response
from fastapi import Query as QueryParameters
from pydantic import Field

from api.answers import IN_ALL_FORMATS, Asking
from api.chains import chain_of
from api.desk import SeriesQuery
from api.formats import Answer
from api.option_schemas import ChainsAnswer
from api.problems import documented
from api.queries.parts import Key
from api.ranges import Days, Instants, bounds_of
from api.row_models import answer_model, row_model
from api.tables import MOST_ROWS, Slice, Table, TableQuery, turn

router = APIRouter(responses={**documented(404, 406, 422, 503), **IN_ALL_FORMATS})

OF_UNDERLYING = ("source", "underlying")
FETCHED = (Key("fetched_at", "timestamptz"), Key("ingest_run_id", "varchar"))
HISTORY = Table("option_history", "history", OF_UNDERLYING, (Key("session_on", "date"),), as_of="quoted_at")
SNAPSHOTS = Table("option_snapshots", "snapshots", OF_UNDERLYING, FETCHED, as_of="quoted_at")
HistoryAnswer, SnapshotsAnswer = (
    answer_model(
        f"Chain{table.noun.title()}Answer",
        ChainsAnswer,
        table.noun,
        row_model(table.relation, frozenset(OF_UNDERLYING)),
        "oldest first",
    )
    for table in (HISTORY, SNAPSHOTS)
)


class ChainsQuery(TableQuery, SeriesQuery):
    limit: int = Field(1000, ge=1, le=MOST_ROWS, description="at most so many rows; next_cursor leads to the others")


class HistoryQuery(ChainsQuery, Days):
    pass


class SnapshotsQuery(ChainsQuery, Instants):
    pass


@router.get("/options/{underlying}/history", response_model=HistoryAnswer)
def history(underlying: str, asked: Asking, query: Annotated[HistoryQuery, QueryParameters()]) -> Response:
    """Volatility of 30 days by the last chain of each session, its rank, and what the underlying did."""
    return _answer(asked, underlying, HISTORY, query)


@router.get("/options/{underlying}/snapshots", response_model=SnapshotsAnswer)
def snapshots(underlying: str, asked: Asking, query: Annotated[SnapshotsQuery, QueryParameters()]) -> Response:
    """Every chain that is kept, as a whole: what `snapshot` and `as_of` of the other parts choose from.

    `from` and `to` bound when a chain was fetched.
    """
    return _answer(asked, underlying, SNAPSHOTS, query)


def _answer(asked: Asking, underlying: str, table: Table, query: HistoryQuery | SnapshotsQuery) -> Response:
    asked.unless_known(query.format)
    chain = chain_of(asked.desk, underlying, query.source)
    keys = {name: chain.key[name] for name in table.fixed}
    bounds = bounds_of(table.order[0].expression, query.start, query.end)
    part = Slice(limit=query.limit, fields=query.fields, cursor=query.cursor, **vars(bounds))
    page = turn(asked.desk, table, keys, part)
    head = asked.head(page, **keys, reason=chain.reason)
    return asked.answer(Answer(head, table.noun, page.table, next_cursor=page.next_cursor), query.format)
