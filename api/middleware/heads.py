"""HEAD wherever there is GET: the same headers, and no body."""

from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class _Answered(Exception):
    """The head is out: what would follow, maybe without end, is wanted by nobody."""


@dataclass
class Heads:
    """Made as for GET, so that length and ETag are those of GET; the first piece of the body ends it."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            return await self.app(scope, receive, send)
        asked = {**scope, "method": "GET"}

        async def head_only(message: Message) -> None:
            if message["type"] == "http.response.start":
                return await send(message)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            if message.get("more_body", False):
                raise _Answered

        try:
            await self.app(asked, receive, head_only)
        except* _Answered:
            pass
        finally:
            if "route" in asked:
                scope["route"] = asked["route"]  # for the log and the counters
