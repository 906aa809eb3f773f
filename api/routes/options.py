"""Option chains of one underlying, of today and of the past."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter
from fastapi import Query as QueryParameters
from pydantic import Field

from api import queries
from api.chains import ChainQuery, chain_of
from api.desk import OpenDesk
from api.option_schemas import ChainSummary, Expiry, OptionQuote, OptionsAnswer, SurfacePoint
from api.problems import accept, documented

router = APIRouter(responses=documented(404, 422, 503))


class OptionsQuery(ChainQuery):
    expiry: date | None = Field(None, description="only this one, as YYYY-MM-DD")
    limit: int = Field(1000, ge=1, le=20_000, description="at most so many quotes, and so many surface points")


@router.get("/options/{underlying}")
def options(underlying: str, desk: OpenDesk, query: Annotated[OptionsQuery, QueryParameters()]) -> OptionsAnswer:
    """A chain as a whole, its quotes with implied volatility and greeks, and its volatility surface.

    The newest chain, or that which was known at `as_of`, or a `snapshot`.
    """
    chain = chain_of(desk, underlying, query.source, query.as_of, query.snapshot)
    expiries = desk.rows(queries.options.EXPIRIES, **chain.key)
    if query.expiry is not None:
        accept("expiry", query.expiry, [row["expiry_on"] for row in expiries])
    page = {"expiry": query.expiry, "limit": query.limit + 1}
    quotes = desk.rows(queries.options.OPTION_QUOTES, **chain.key, **page)
    surface = desk.rows(queries.options.OPTION_SURFACE, **chain.key, **page)
    summary = desk.row(queries.options.SUMMARY, **chain.key)
    return OptionsAnswer(
        **desk.origin(),
        source=chain.source,
        underlying=chain.underlying,
        as_of=chain.quoted_at,
        snapshot=chain.ingest_run_id,
        fetched_at=chain.fetched_at,
        is_newest=chain.is_newest,
        summary=ChainSummary(**summary) if summary else None,
        expiries=[Expiry(**row) for row in expiries],
        quotes=[OptionQuote(**row) for row in quotes[: query.limit]],
        surface=[SurfacePoint(**row) for row in surface[: query.limit]],
        reason=chain.reason,
        is_truncated=max(len(quotes), len(surface)) > query.limit,
    )
