"""Performance and risk of one symbol over its whole history."""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Query as QueryParameters

from api import queries
from api.desk import OpenDesk, SeriesQuery
from api.problems import documented
from api.schemas import Metric, RiskAnswer

router = APIRouter(responses=documented(404, 422, 503))


@router.get("/risk/{symbol}")
def risk(symbol: str, desk: OpenDesk, query: Annotated[SeriesQuery, QueryParameters()]) -> RiskAnswer:
    """Whole-sample performance and risk on daily bars; empty while there is too little history."""
    series = desk.series(symbol, query.source)
    sample = desk.row(queries.risk.RISK, **series.key)
    if sample is None:
        return RiskAnswer(**desk.origin(), **vars(series), as_of=None, metrics={})
    origin = {"as_of": sample["as_of"], "ingest_run_id": sample["ingest_run_id"]}
    rows = desk.rows(queries.risk.RISK_METRICS, **series.key)
    found = {row["metric"]: Metric(**row, **origin) for row in rows}
    return RiskAnswer(**desk.origin(), **vars(series), **sample, metrics=found)
