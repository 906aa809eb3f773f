"""Prices, metrics and bars of one symbol."""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Query as QueryParameters
from pydantic import Field

from api import queries
from api.desk import OpenDesk, Row, SeriesQuery, newest
from api.problems import accept, documented
from api.schemas import Bar, BarsAnswer, Metric, MetricsAnswer, Price
from quant.signal_settings import Interval

router = APIRouter(responses=documented(404, 422, 503))


class MetricsQuery(SeriesQuery):
    interval: Interval = Field("1d", description="length of the bars that the metrics are computed from")


class BarsQuery(MetricsQuery):
    limit: int = Field(250, ge=1, le=10_000, description="how many, counted from the newest")


@router.get("/metrics/{symbol}")
def metrics(symbol: str, desk: OpenDesk, query: Annotated[MetricsQuery, QueryParameters()]) -> MetricsAnswer:
    """The newest price, live, and the newest final value of each metric."""
    series = desk.series(symbol, query.source)
    rows = desk.rows(queries.prices.LATEST_METRICS, **series.key, interval=query.interval)
    if not rows:
        accept_interval(query, desk.rows(queries.prices.METRIC_INTERVALS, **series.key))
    price = desk.row(queries.prices.LATEST_PRICE, **series.key)
    return MetricsAnswer(
        **desk.origin(),
        **vars(series),
        as_of=newest(rows, "as_of"),
        interval=query.interval,
        periods_per_year=rows[0]["periods_per_year"] if rows else None,
        price=Price(**price) if price else None,
        metrics={row["metric"]: Metric(**row) for row in rows},
    )


@router.get("/bars/{symbol}")
def bars(symbol: str, desk: OpenDesk, query: Annotated[BarsQuery, QueryParameters()]) -> BarsAnswer:
    """The newest bars, oldest first: 1m and 1d up to the open one; 5m to 4h and 1w final ones, as of the build."""
    series = desk.series(symbol, query.source)
    rows = desk.rows(queries.prices.BARS, **series.key, interval=query.interval, limit=query.limit)
    if not rows:
        accept_interval(query, desk.rows(queries.prices.BAR_INTERVALS, **series.key))
    return BarsAnswer(
        **desk.origin(),
        **vars(series),
        as_of=newest(rows, "as_of"),
        interval=query.interval,
        periods_per_year=rows[-1]["periods_per_year"] if rows else None,
        bars=[Bar(**row) for row in rows],
    )


def accept_interval(query: MetricsQuery, listed: list[Row]) -> None:
    """Refuse an interval that was asked for and that the series does not have; the default may be empty yet."""
    if "interval" in query.model_fields_set:
        accept("interval", query.interval, [row["interval"] for row in listed])
