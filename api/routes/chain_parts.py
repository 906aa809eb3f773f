"""What an option chain holds, part by part, each a table; and how the chains of an underlying went on."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Response
from fastapi import Query as QueryParameters
from pydantic import Field

from api import queries
from api.answers import IN_ALL_FORMATS, Asking
from api.chains import Chain, ChainQuery, chain_of
from api.cursors import read_cursor
from api.desk import Desk
from api.formats import Answer
from api.instants import Day
from api.option_schemas import PartAnswer
from api.problems import accept, documented
from api.queries.parts import Key
from api.row_models import answer_model, row_model
from api.tables import MOST_ROWS, Slice, Table, TableQuery, turn

router = APIRouter(responses={**documented(404, 406, 422, 503), **IN_ALL_FORMATS})

EXPIRY, STRIKE = Key("expires_at", "timestamptz"), Key("strike", "double")
OF_CHAIN = ("source", "underlying", "ingest_run_id")
PARTS = {
    "chain": (
        Table("option_snapshot_quotes", "quotes", OF_CHAIN,
              (EXPIRY, STRIKE, Key("not is_call", "boolean"), Key("contract_symbol", "varchar"))),
        "Every contract of a chain, priced, with its greeks.",
    ),
    "smile": (
        Table("option_snapshot_surface", "points", OF_CHAIN, (EXPIRY, STRIKE)),
        "The smile of one expiry: the volatility of each strike, quoted and on the fitted curves.",
    ),
    "surface": (
        Table("option_snapshot_surface", "points", OF_CHAIN, (EXPIRY, STRIKE)),
        "The volatility surface: the smiles of all expiries, quoted and fitted (SVI and SSVI).",
    ),
    "term-structure": (
        Table("option_snapshot_expiries", "expiries", OF_CHAIN, (EXPIRY,)),
        "What each expiry says: forward, volatilities, skew, expected move, open interest, the curve's parameters.",
    ),
    "parity": (
        Table("option_snapshot_parity", "strikes", OF_CHAIN, (EXPIRY, STRIKE)),
        "Call minus put of each strike beside what parity allows.",
    ),
    "exposure": (
        Table("option_snapshot_exposure", "strikes", OF_CHAIN, (EXPIRY, STRIKE)),
        "What those who sold the options must hedge, by expiry and strike.",
    ),
    "checks": (
        Table("option_snapshot_checks", "violations", OF_CHAIN,
              (EXPIRY, Key("rule", "varchar"), Key("coalesce(strike, -1)", "double"), Key("is_call is null", "boolean"),
               Key("coalesce(is_call, false)", "boolean"))),
        "Rules that prices must keep and do not; no row is good news.",
    ),
}  # fmt: skip


class PartQuery(TableQuery, ChainQuery):
    expiry: Day | None = Field(None, description="only this one, as YYYY-MM-DD; of a smile the first unless told")
    limit: int = Field(1000, ge=1, le=MOST_ROWS, description="at most so many rows; next_cursor leads to the others")


def _add(name: str, table: Table, said: str) -> None:
    row = row_model(table.relation, frozenset(table.fixed))
    title = f"{name.title().replace('-', '')}Answer"
    model = answer_model(title, PartAnswer, table.noun, row, "in order of expiry and strike")

    def part(underlying: str, asked: Asking, query: Annotated[PartQuery, QueryParameters()]) -> Response:
        asked.unless_known(query.format)
        return _answer(asked, underlying, name, table, query)

    router.add_api_route(f"/options/{{underlying}}/{name}", part, response_model=model, name=name, description=said)


def _answer(asked: Asking, underlying: str, name: str, table: Table, query: PartQuery) -> Response:
    cursor = read_cursor(query.cursor)
    snapshot = query.snapshot
    if cursor and query.as_of is None and snapshot is None:  # all pages of one chain, whatever was pulled meanwhile
        snapshot = str(cursor.keys.get("ingest_run_id"))
    chain = chain_of(asked.desk, underlying, query.source, query.as_of, snapshot)
    expiry = _expiry(asked.desk, chain, name, query.expiry)
    page = turn(
        asked.desk, table, chain.key,
        Slice(limit=query.limit, fields=query.fields, cursor=query.cursor,
        where=[queries.parts.OF_EXPIRY] if expiry else [], given={"expiry": expiry} if expiry else {}))  # fmt: skip
    said = {name: value for name, value in vars(chain).items() if name != "ingest_run_id"}
    head = asked.head(None, **said, snapshot=chain.ingest_run_id, periods_per_year=None) | {"as_of": chain.quoted_at}
    answer = Answer(head, table.noun, page.table, next_cursor=page.next_cursor)
    return asked.answer(answer, query.format)


def _expiry(desk: Desk, chain: Chain, name: str, asked: date | None) -> date | None:
    if asked is None and name != "smile":
        return None
    listed = [row["expiry_on"] for row in desk.recall(queries.parts.LISTED, **chain.key)]
    if asked is not None:
        accept("expiry", asked, listed)
    return asked or next(iter(listed), None)


for _name, (_table, _said) in PARTS.items():
    _add(_name, _table, _said)
