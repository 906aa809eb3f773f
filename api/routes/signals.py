"""What the rules have found, newest first."""

import re
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from fastapi import Query as QueryParameters
from pydantic import AwareDatetime, BeforeValidator, Field

from api import queries
from api.desk import OpenDesk, Query, newest
from api.problems import accept, documented
from api.signal_schemas import Signal, SignalsAnswer
from quant.signal_settings import Interval


def midnight(value: Any) -> Any:
    """A date is the instant at which it begins in UTC; what is none is left to the checks of an instant."""
    return f"{value}T00:00Z" if isinstance(value, str) and DATE.fullmatch(value) else value


DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
Instant = Annotated[AwareDatetime, BeforeValidator(midnight)]
router = APIRouter(responses=documented(404, 422, 503))


class SignalsQuery(Query):
    symbol: str | None = Field(None, description="only this one; upper and lower case are the same")
    rule: str | None = Field(None, description="only this one of `rules`")
    kind: Literal["market", "option", "data"] | None = Field(None, description="only of final bars, chains or the data")
    interval: Interval | None = Field(None, description="only of bars of this length")
    direction: Literal["up", "down"] | None = Field(None, description="only this one")
    since: Instant | None = Field(
        None, description="only what was knowable from then on, say 2026-11-20T14:30Z; a date begins in UTC"
    )
    limit: int = Field(100, ge=1, le=10_000, description="at most so many, the newest")
    source: str | None = Field(None, description="only this one")


@router.get("/signals")
def signals(desk: OpenDesk, query: Annotated[SignalsQuery, QueryParameters()]) -> SignalsAnswer:
    """Events: which rule fired where, at which value against which threshold, and what came after earlier ones."""
    symbol = desk.symbol(query.symbol) if query.symbol is not None else None
    if query.source is not None:
        desk.accept_source(query.source, symbol)
    rules = [row["rule"] for row in desk.rows(queries.signals.RULES)]
    if query.rule is not None:
        accept("rule", query.rule, rules)
    rows = desk.rows(queries.signals.SIGNALS, **(query.model_dump() | {"symbol": symbol}))
    return SignalsAnswer(
        **desk.origin(),
        as_of=newest(rows, "end_ts"),
        sources=sorted({row["source"] for row in rows}),
        rules=rules,
        signals=[Signal(**row) for row in rows],
    )
