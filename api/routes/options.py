"""The newest option chain of one underlying."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter
from fastapi import Query as QueryParameters
from pydantic import Field

from api import queries
from api.desk import OpenDesk, SeriesQuery, newest
from api.problems import accept, documented
from api.schemas import Expiry, OptionQuote, OptionsAnswer, SurfacePoint

router = APIRouter(responses=documented(404, 422, 503))


class OptionsQuery(SeriesQuery):
    expiry: date | None = Field(None, description="only this one, as YYYY-MM-DD")
    limit: int = Field(1000, ge=1, le=20_000, description="at most so many quotes, and so many surface points")


@router.get("/options/{underlying}")
def options(underlying: str, desk: OpenDesk, query: Annotated[OptionsQuery, QueryParameters()]) -> OptionsAnswer:
    """Quotes with implied volatility and greeks, and the volatility surface of their out-of-the-money sides."""
    series = desk.underlying(underlying, query.source)
    chain = {"source": series.source, "underlying": series.symbol}
    expiries = desk.rows(queries.options.EXPIRIES, **chain)
    listed = [row["expiry_on"] for row in expiries]
    if query.expiry is not None:
        accept("expiry", query.expiry, listed)
    page = {"expiry": query.expiry, "limit": query.limit + 1}
    quotes = desk.rows(queries.options.OPTION_QUOTES, **chain, **page)
    surface = desk.rows(queries.options.OPTION_SURFACE, **chain, **page)
    return OptionsAnswer(
        **desk.origin(),
        source=series.source,
        underlying=series.symbol,
        as_of=newest(quotes, "quoted_at"),
        expiries=[Expiry(**row) for row in expiries],
        quotes=[OptionQuote(**row) for row in quotes[: query.limit]],
        surface=[SurfacePoint(**row) for row in surface[: query.limit]],
        reason=None if surface else desk.rows(queries.options.EMPTY_SURFACE, **chain)[0]["reason"],
        is_truncated=max(len(quotes), len(surface)) > query.limit,
    )
