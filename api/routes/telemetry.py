"""What the server counts about itself, for Prometheus."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi import Query as QueryParameters
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST

from api import telemetry
from api.desk import Query
from quant.errors import NoBuildError
from quant.publish import begun_at
from quant.warehouse import Warehouse

router = APIRouter()

EXAMPLE = 'quant_api_requests_total{method="GET",route="/metrics/{symbol}",status="200"} 12.0\n'
ANSWERED = {"description": "Prometheus' text format", "content": {"text/plain": {"example": EXAMPLE}}}


@router.get("/-/metrics", response_class=PlainTextResponse, responses={200: ANSWERED})
def counters(request: Request, _: Annotated[Query, QueryParameters()]) -> Response:
    """Counters of this server for Prometheus: requests, seconds, bytes, builds, streams, /sql, the process."""
    warehouse: Warehouse = request.state.warehouse
    try:
        with warehouse.reading() as reading:
            build_id = reading.build_id
    except NoBuildError:
        build_id = None
    begun = begun_at(build_id) if build_id else None
    demo: bool = request.state.settings.demo
    text = telemetry.exposition(build_id, begun, datetime.now(UTC), request.app.version, demo)
    return Response(text, media_type=CONTENT_TYPE_LATEST)
