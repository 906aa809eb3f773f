"""Why a figure is what it is: formula, SQL, lineage, inputs, ingest runs."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Response
from fastapi import Query as QueryParameters
from pydantic import Field

from api.answers import IN_JSON, Asking
from api.desk import SeriesQuery
from api.explanation_schemas import ExplainAnswer
from api.instants import Day
from api.problems import Refusal, documented
from quant.explanation import Asked, ExplanationError, SeveralSourcesError, explain, keys_from
from quant.settings.signals import Interval

router = APIRouter(responses={**documented(404, 422, 503), **IN_JSON})


class ExplainQuery(SeriesQuery):
    interval: Interval | None = Field(None, description="length of the bars; 1d where the metric is kept of days")
    expiry: Day | None = Field(
        None, description="its date, UTC, of a figure of one expiry; else the nearest with a value"
    )
    where: list[str] = Field(
        [], description="what else tells the figure, as NAME:VALUE: strike:550.0, lag:5, b:MSFT; the first if unsaid"
    )


@router.get("/explain/{symbol}/{metric}", response_model=ExplainAnswer)
def explanation(symbol: str, metric: str, asked: Asking, query: Annotated[ExplainQuery, QueryParameters()]) -> Response:
    """A stored figure of a symbol, portfolio or underlying, and everything that it was made of."""
    try:
        meant = Asked(symbol, query.source, query.interval, query.expiry, keys_from(query.where))
        found = explain(asked.desk.reading, metric, meant)
    except SeveralSourcesError as error:
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, str(error), error.known) from error
    except ExplanationError as error:
        raise Refusal(HTTPStatus.NOT_FOUND, str(error), error.known) from error
    return asked.document(ExplainAnswer(**asked.desk.origin(), **found))
