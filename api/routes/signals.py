"""What the rules have found, newest first."""

from typing import Annotated, Literal

from fastapi import APIRouter, Response
from fastapi import Query as QueryParameters
from pydantic import Field

from api import queries
from api.answers import IN_ALL_FORMATS, Asking
from api.formats import Answer
from api.instants import Instant
from api.problems import accept, documented
from api.queries.parts import Key
from api.ranges import Instants, bounds_of
from api.row_models import answer_model, row_model
from api.signal_schemas import SignalsAnswer
from api.tables import Slice, Table, TableQuery, turn
from quant.settings.signals import Interval

router = APIRouter(responses={**documented(404, 406, 422, 503), **IN_ALL_FORMATS})

ORDER = (
    *(Key(name, "timestamptz") for name in ("end_ts", "ts")),
    *(Key(name, "varchar") for name in ("rule", "source", "symbol", "coalesce(interval, '')", "signal_id")),
)
SIGNALS = Table("recent_signals", "signals", (), ORDER, as_of="end_ts", where=())
FINAL = Table("final_signals", "signals", (), ORDER, only=tuple(SIGNALS.columns), as_of="end_ts", where=())
Answered = answer_model(
    "SignalsOfRules", SignalsAnswer, "signals", row_model("recent_signals"), "the last to be known first"
)
FILTERS = {
    "symbol": "symbol = $symbol",
    "source": "source = $source",
    "rule": "rule = $rule",
    "kind": "kind = $kind",
    "interval": "interval = $interval",
    "direction": "direction = $direction",
}


class SignalsQuery(TableQuery, Instants):
    symbol: str | None = Field(None, description="only this one; upper and lower case are the same")
    rule: str | None = Field(None, description="only this one of `rules`")
    kind: Literal["market", "option", "data"] | None = Field(None, description="only of final bars, chains or the data")
    interval: Interval | None = Field(None, description="only of bars of this length")
    direction: Literal["up", "down"] | None = Field(None, description="only this one")
    since: Instant | None = Field(
        None, description="only what was knowable from then on, as `from`; of both the later one counts"
    )
    order: Literal["newest", "oldest"] = Field("newest", description="which come first")
    limit: int = Field(100, ge=1, le=100_000, description="at most so many rows; next_cursor leads to the others")
    source: str | None = Field(None, description="only this one")


@router.get("/signals", response_model=Answered)
def signals(asked: Asking, query: Annotated[SignalsQuery, QueryParameters()]) -> Response:
    """Events: which rule fired where, at which value against which threshold, and what came after earlier ones.

    `from` and `to` bound `end_ts`, at which it was knowable.
    """
    desk = asked.desk
    symbol = desk.symbol(query.symbol) if query.symbol is not None else None
    if query.source is not None:
        desk.accept_source(query.source, symbol)
    kinds = {row["rule"]: row["kind"] for row in desk.recall(queries.signals.RULES)}
    rules = list(kinds)
    if query.rule is not None:
        accept("rule", query.rule, rules)
    since = max((each for each in (query.since, query.start) if each is not None), default=None)
    said = {**query.model_dump(), "symbol": symbol}
    given = {name: said[name] for name in FILTERS if said[name] is not None}
    bounds = bounds_of("end_ts", since, query.end)
    page = turn(
        desk, FINAL if _is_final(query, kinds) else SIGNALS, {},
        Slice(limit=query.limit, fields=query.fields, cursor=query.cursor, given={**given, **bounds.given},
        where=[*(FILTERS[name] for name in given), *bounds.where], is_descending=query.order == "newest",
        also=("source",)))  # fmt: skip
    more = {"sources": sorted(set(page.read["source"].to_pylist())), "rules": rules}
    answer = Answer(asked.head(page), "signals", page.table, more=more, next_cursor=page.next_cursor)
    return asked.answer(answer, query.format, is_live=True)


def _is_final(query: SignalsQuery, kinds: dict[str, str]) -> bool:
    """Whether no alert about the data can be meant, which are live: they go down, and are of no bar."""
    rule = kinds.get(query.rule) if query.rule else None
    return bool({query.kind, rule} & {"market", "option"}) or query.interval is not None or query.direction == "up"
