"""Option chains of one underlying, of today and of the past."""

from typing import Annotated

from fastapi import APIRouter, Response
from fastapi import Query as QueryParameters
from pydantic import Field

from api import queries
from api.answers import IN_JSON, Asking
from api.chains import ChainQuery, chain_of
from api.formats import Answer
from api.instants import Day
from api.option_schemas import OptionsAnswer
from api.problems import accept, documented
from quant.formats import encodable

router = APIRouter(responses={**documented(404, 422, 503), **IN_JSON})


class OptionsQuery(ChainQuery):
    expiry: Day | None = Field(None, description="only this one, as YYYY-MM-DD")
    limit: int = Field(1000, ge=1, le=20_000, description="at most so many quotes, and so many surface points")


@router.get("/options/{underlying}", response_model=OptionsAnswer)
def options(underlying: str, asked: Asking, query: Annotated[OptionsQuery, QueryParameters()]) -> Response:
    """A chain as a whole, its quotes with implied volatility and greeks, and its volatility surface.

    The newest chain, or that which was known at `as_of`, or a `snapshot`. Its parts come in every format.
    """
    asked.unless_known("json")
    desk = asked.desk
    chain = chain_of(desk, underlying, query.source, query.as_of, query.snapshot)
    expiries = desk.table(queries.options.EXPIRIES, **chain.key)
    if query.expiry is not None:
        accept("expiry", query.expiry, expiries["expiry_on"].to_pylist())
    page = {"expiry": query.expiry, "limit": query.limit + 1}
    quotes = desk.table(queries.options.OPTION_QUOTES, **chain.key, **page)
    surface = desk.table(queries.options.OPTION_SURFACE, **chain.key, **page)
    summary = desk.table(queries.options.SUMMARY, **chain.key)
    said = {name: value for name, value in vars(chain).items() if name not in ("ingest_run_id", "quoted_at")}
    more = {
        "summary": next(iter(encodable(summary)), None),
        "expiries": encodable(expiries),
        "surface": encodable(surface.slice(0, query.limit)),
        "is_truncated": max(quotes.num_rows, surface.num_rows) > query.limit,
    }
    head = asked.head(None, **said, snapshot=chain.ingest_run_id) | {"as_of": chain.quoted_at}
    return asked.answer(Answer(head, "quotes", quotes.slice(0, query.limit), more=more, is_paged=False), "json")
