"""How long a question may be. A body that is too long is refused before it is read; one that is too slow as well."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.middleware.refusal import refuse
from api.middleware.scope import Edge, edge_of, header_of

MOST_ADDRESS = 8_192  # bytes, as other servers have it
MOST_HEADERS = 32_768
QUIET_SECONDS = 0.5  # a client that sends nothing for so long reads what it was told, or has gone
MOST_UNREAD = 64_000_000  # bytes of a refused body that are thrown away
CLOSE = {"Connection": "close"}  # what is still to come of the body would be taken for the next request


@dataclass
class Sizes:
    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        if refusal := too_long_head(scope):
            return await refuse(scope, receive, send, *refusal)
        edge, declared = edge_of(scope), header_of(scope, b"content-length")
        if declared is not None and declared.isdigit() and int(declared) > edge.max_body_bytes:
            lingering = Lingering(receive, send, edge.body_seconds)
            return await refuse(scope, receive, lingering, *too_long(edge), headers=CLOSE)
        has_body = declared not in (None, b"0") or header_of(scope, b"transfer-encoding") is not None
        await self.app(scope, Measured(receive, edge) if has_body else receive, send)


class Measured:
    """`receive` that counts; raises HTTPException (413, 408), which routes leave to the handler of problems."""

    def __init__(self, receive: Receive, edge: Edge) -> None:
        self._receive, self._edge = receive, edge
        self._deadline = asyncio.get_running_loop().time() + edge.body_seconds
        self._count_bytes, self._is_whole = 0, False

    async def __call__(self) -> Message:
        if self._is_whole:
            return await self._receive()  # what may come now is only that the client goes
        try:
            async with asyncio.timeout_at(self._deadline):
                message = await self._receive()
        except TimeoutError:
            raise HTTPException(*too_slow(self._edge), headers=CLOSE) from None
        self._count_bytes += len(message.get("body", b""))
        self._is_whole = not message.get("more_body", False)
        if self._count_bytes > self._edge.max_body_bytes:
            raise HTTPException(*too_long(self._edge), headers=CLOSE)
        return message


@dataclass
class Lingering:
    """`send` that, before it ends the answer, takes what still comes of the body and throws it away.

    Who is still sending would find the connection reset, and not read why.
    """

    receive: Receive
    send: Send
    seconds: float

    async def __call__(self, message: Message) -> None:
        if message["type"] != "http.response.body":
            return await self.send(message)
        await self.send({**message, "more_body": True})
        with suppress(TimeoutError):
            async with asyncio.timeout(self.seconds):
                await self._throw_away()
        await self.send({"type": "http.response.body"})

    async def _throw_away(self) -> None:
        left = MOST_UNREAD
        while left > 0:
            async with asyncio.timeout(QUIET_SECONDS):
                message = await self.receive()
            if not message.get("more_body", False):
                return
            left -= len(message["body"])


def too_long_head(scope: Scope) -> tuple[HTTPStatus, str] | None:
    """h11 only bounds a head that comes in pieces; whatever comes in one read of the socket, it takes."""
    if len(scope["raw_path"]) + len(scope["query_string"]) > MOST_ADDRESS:
        return HTTPStatus.REQUEST_URI_TOO_LONG, f"the address is longer than {MOST_ADDRESS} bytes: ask for less at once"
    if sum(len(name) + len(value) for name, value in scope["headers"]) > MOST_HEADERS:
        return (
            HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
            f"the headers have more than {MOST_HEADERS} bytes: send fewer",
        )
    return None


def too_long(edge: Edge) -> tuple[HTTPStatus, str]:
    most = f"more than {edge.max_body_bytes} bytes (api.max_body_bytes)"
    return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body is too long, {most}: send less"


def too_slow(edge: Edge) -> tuple[HTTPStatus, str]:
    return HTTPStatus.REQUEST_TIMEOUT, f"the body was not there after {edge.body_seconds:g} s (api.body_seconds)"
