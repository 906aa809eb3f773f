"""Performance and risk of one symbol over its whole history."""

from typing import Annotated

import pyarrow as pa
from fastapi import APIRouter, Response
from fastapi import Query as QueryParameters
from pydantic import Field

from api import queries
from api.answers import IN_ALL_FORMATS, Asking
from api.desk import SeriesQuery
from api.formats import Answer, Format
from api.keyed import of_names
from api.problems import documented
from api.schemas import RiskAnswer

router = APIRouter(responses={**documented(404, 406, 422, 503), **IN_ALL_FORMATS})


class RiskQuery(SeriesQuery):
    fields: str | None = Field(None, max_length=4000, description="only these metrics, comma-separated")
    format: Format | None = Field(None, description="json unless Accept prefers another")


@router.get("/risk/{symbol}", response_model=RiskAnswer)
def risk(symbol: str, asked: Asking, query: Annotated[RiskQuery, QueryParameters()]) -> Response:
    """Whole-sample performance and risk on daily bars; empty while there is too little history."""
    asked.unless_known(query.format)
    desk, series = asked.desk, asked.desk.series(symbol, query.source)
    [sample] = desk.recall(queries.risk.RISK, **series.key) or [dict.fromkeys(queries.risk.SAMPLE)]
    table = of_names(desk.table(queries.risk.RISK_METRICS, **series.key), "metric", query.fields)
    for name in ("as_of", "ingest_run_id"):
        kind = pa.timestamp("us", "UTC") if name == "as_of" else pa.string()
        table = table.append_column(name, pa.repeat(pa.scalar(sample[name], kind), table.num_rows))
    said = {name: value for name, value in sample.items() if name not in ("as_of", "ingest_run_id")}
    head = asked.head(None, **vars(series), **said) | {"as_of": sample["as_of"]}
    return asked.answer(Answer(head, "metrics", table, key="metric"), query.format)
