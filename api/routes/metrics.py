"""The newest price and metrics of one symbol."""

from typing import Annotated

from fastapi import APIRouter, Response
from fastapi import Query as QueryParameters
from pydantic import Field

from api import queries
from api.answers import IN_ALL_FORMATS, Asking
from api.desk import SeriesQuery
from api.formats import Answer, Format
from api.keyed import of_names, without_periods
from api.problems import accept, documented
from api.queries.parts import prices_of
from api.schemas import MetricsAnswer
from quant.settings.signals import Interval

router = APIRouter(responses={**documented(404, 406, 422, 503), **IN_ALL_FORMATS})

HINT = "; /metrics/{symbol}/history?latest=true has every metric of bars, /risk those of the whole sample"


class MetricsQuery(SeriesQuery):
    interval: Interval = Field("1d", description="length of the bars that the metrics are computed from")
    fields: str | None = Field(None, max_length=4000, description="only these metrics, comma-separated")
    format: Format | None = Field(None, description="json unless Accept prefers another")


@router.get("/metrics/{symbol}", response_model=MetricsAnswer)
def metrics(symbol: str, asked: Asking, query: Annotated[MetricsQuery, QueryParameters()]) -> Response:
    """The newest price, live, and the newest final values of the main metrics; /metrics/{symbol}/history has all."""
    desk, series = asked.desk, asked.desk.series(symbol, query.source)
    key = {**series.key, "interval": query.interval}
    table = desk.table(queries.prices.LATEST_METRICS, **key)
    if not table.num_rows and "interval" in query.model_fields_set:
        listed = desk.rows(queries.prices.METRIC_INTERVALS, **series.key)
        accept("interval", query.interval, [row["interval"] for row in listed])
    shown, newest, periods = without_periods(of_names(table, "metric", query.fields, HINT))
    latest_price = queries.prices.LATEST_PRICE.format(relation=prices_of(series.asset_class))
    price = desk.row(latest_price, **series.key)
    head = asked.head(None, **vars(series), interval=query.interval, periods_per_year=periods) | {"as_of": newest}
    answer = Answer(head, "metrics", shown, key="metric", more={"price": price})
    return asked.answer(answer, query.format, is_live=True)
