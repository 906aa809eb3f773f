"""Outermost: each request gets an id, a line in the log, and is counted, whatever becomes of it."""

import re
import secrets
import time
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import telemetry
from api.exchange import Exchange
from api.middleware.access_log import write_line
from api.middleware.scope import edge_of, header_of
from quant.logs import REQUEST_ID

SANE_ID = re.compile(rb"[A-Za-z0-9._:+/=@-]{1,128}")  # nothing that a log or a header could take for an end
STREAM = b"text/event-stream"


def request_id_of(scope: Scope) -> str:
    """The caller's own X-Request-ID, so that its logs and ours can be joined, or a new one of 64 random bits."""
    given = header_of(scope, b"x-request-id")
    return given.decode("ascii") if given and SANE_ID.fullmatch(given) else secrets.token_hex(8)


@dataclass
class Observation:
    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        exchange = Exchange(scope, request_id_of(scope))
        scope["state"]["request_id"] = exchange.request_id
        REQUEST_ID.set(exchange.request_id)  # for every other line; a request is a task, its context ends with it
        started = time.perf_counter()

        async def observed(message: Message) -> None:
            if message["type"] == "http.response.start":
                _note(exchange, message)
                exchange.seconds = time.perf_counter() - started
            else:
                exchange.count_bytes += len(message.get("body", b""))
            await send(message)

        with telemetry.IN_FLIGHT.track_inprogress():
            try:
                await self.app(scope, receive, observed)
            finally:
                if not exchange.is_stream:
                    exchange.seconds = time.perf_counter() - started
                telemetry.count_exchange(exchange)
                write_line(exchange, edge_of(scope).access_level)


def _note(exchange: Exchange, start: Message) -> None:
    """What the head of an answer says; and its id goes along."""
    exchange.status = start["status"]
    headers = start["headers"] = list(start.get("headers", ()))
    for name, value in headers:
        if name == b"x-build-id":
            exchange.build_id = value.decode("latin-1")
        elif name == b"content-type" and value.startswith(STREAM):
            exchange.is_stream = True
    headers.append((b"x-request-id", exchange.request_id.encode("ascii")))
