"""Live bars, prices, metrics and alerts of one symbol, as server-sent events."""

import asyncio
from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response
from fastapi import Query as QueryParameters
from pydantic import Field

from api import queries
from api.desk import Desk, SeriesQuery
from api.feed.channel import Channel
from api.feed.client import Client
from api.feed.frames import CHOSEN
from api.feed.hub import Feed
from api.feed.position import MalformedIdError, Position
from api.feed.response import EventStream
from api.parameters import refuse_repeated
from api.problems import Refusal, accept, documented
from quant.settings import Settings
from quant.settings.signals import Interval
from quant.warehouse import Warehouse

router = APIRouter(responses=documented(404, 422, 429, 503))

EXAMPLE = """retry: 2000

event: hello
id: AQ...
data: {"build_id":"20261123T044535.588612Z","demo":true,"source":"demo-binance","symbol":"BTCUSDT", ...}

event: bar
id: AQ...
data: {"build_id":"20261123T044535.588612Z","demo":true,"interval":"1m","ts":"2026-11-23T04:51:00Z", ...}

: still here

"""
DESCRIBED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events: hello, bar (the open one as it changes, each final one once), price, metrics, alert, "
        "build, gap (what to fetch, where more was missed than is told), error (the stream goes on), bye.",
        "content": {"text/event-stream": {"schema": {"type": "string"}, "example": EXAMPLE}},
    }
}


class StreamQuery(SeriesQuery):
    interval: Interval | None = Field(None, description="length of the bars; 1m where there are minutes, else 1d")
    events: str = Field(
        ",".join(CHOSEN), description="which of bar, price, metrics and alert; the others always come", examples=["bar"]
    )
    last_event_id: str | None = Field(
        None, description="as the header Last-Event-ID, for who cannot set it: every final bar and alert since comes"
    )


@router.get("/stream/{symbol}", responses=DESCRIBED, response_class=Response)
async def stream(
    symbol: str,
    request: Request,
    query: Annotated[StreamQuery, QueryParameters()],
    last_event_id: Annotated[str | None, Header(description="id of the last event that was seen")] = None,
) -> Response:
    """Server-sent events, resumable: bars as they change, prices, metrics of each build, alerts."""
    refuse_repeated(request)
    settings: Settings = request.state.settings
    feed: Feed = request.state.feed
    chosen = accept_events(query.events)
    channel = await asyncio.to_thread(find_channel, request.state.warehouse, settings, symbol, query)
    known = position_of(last_event_id or query.last_event_id, channel)
    address = request.client.host if request.client else "nobody"
    client = Client(address, chosen, settings.api.stream)
    subscription = await feed.subscribe(channel, client, known)
    return EventStream(feed, subscription, settings.api.stream, request.state.closing)


def accept_events(events: str) -> Sequence[str]:
    chosen = [name.strip() for name in events.split(",")]
    for name in chosen:
        accept("events", name, CHOSEN)
    return chosen


def position_of(last_event_id: str | None, channel: Channel) -> Position | None:
    """None of a client that comes for the first time; raises Refusal (422) for an id that is none."""
    if not last_event_id:
        return None
    try:
        return Position.from_token(last_event_id, channel.stream)
    except MalformedIdError as error:
        detail = f"last_event_id = {last_event_id[:80]!r} {error}: leave it out to begin anew"
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, detail) from error


def find_channel(warehouse: Warehouse, settings: Settings, symbol: str, query: StreamQuery) -> Channel:
    """Raises Refusal (404, 422) for what the newest build does not have."""
    with warehouse.reading() as reading:
        desk = Desk(reading, settings.demo)
        series = desk.series(symbol, query.source)
        listed = [row["interval"] for row in desk.rows(queries.prices.METRIC_INTERVALS, **series.key)]
        interval: str = query.interval or ("1m" if "1m" in listed else "1d")
        if query.interval and query.interval not in listed:
            accept(
                "interval", interval, [row["interval"] for row in desk.rows(queries.prices.BAR_INTERVALS, **series.key)]
            )
    return Channel(series.source, series.symbol, series.asset_class, interval)
