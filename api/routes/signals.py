"""What the rules have found, newest first."""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Query as QueryParameters
from pydantic import Field

from api import queries
from api.desk import OpenDesk, Query, newest
from api.problems import accept, documented
from api.schemas import Signal, SignalsAnswer

router = APIRouter(responses=documented(404, 422, 503))


class SignalsQuery(Query):
    symbol: str | None = Field(None, description="only this one; upper and lower case are the same")
    rule: str | None = Field(None, description="only this one of `rules`")
    limit: int = Field(100, ge=1, le=10_000, description="at most so many, the newest")
    source: str | None = Field(None, description="only this one")


@router.get("/signals")
def signals(desk: OpenDesk, query: Annotated[SignalsQuery, QueryParameters()]) -> SignalsAnswer:
    """Events of final bars: which rule fired where, at which value against which threshold."""
    symbol = desk.symbol(query.symbol) if query.symbol is not None else None
    if query.source is not None:
        desk.accept_source(query.source, symbol)
    rules = [row["rule"] for row in desk.rows(queries.RULES)]
    if query.rule is not None:
        accept("rule", query.rule, rules)
    rows = desk.rows(queries.SIGNALS, symbol=symbol, source=query.source, rule=query.rule, limit=query.limit)
    return SignalsAnswer(
        **desk.origin(),
        as_of=newest(rows, "end_ts"),
        sources=sorted({row["source"] for row in rows}),
        rules=rules,
        signals=[Signal(**row) for row in rows],
    )
