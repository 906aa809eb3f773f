"""What goes wrong inside is answered by a problem document, under the same headers as everything else."""

import asyncio
import logging
import sys
from dataclasses import dataclass
from http import HTTPStatus

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.middleware.refusal import refuse
from quant.errors import QuantError

log = logging.getLogger(__name__)

STOPPING = "the server is stopping: ask again in a moment"


def in_a_sentence(send: Send) -> Send:
    """What a person can mend, a wrong setting say, stops the start with its sentence alone, without a traceback."""

    async def told(message: Message) -> None:
        cause = sys.exception()
        if message["type"] == "lifespan.startup.failed" and isinstance(cause, QuantError):
            message["message"] = f"{type(cause).__name__}: {cause}"
        await send(message)

    return told


@dataclass
class Faults:
    """Starlette's own layer for this lies outside of all of ours: its answers would have no id and no headers.

    In the log a path is quoted: it may have an end of line in it, and look like two lines.
    """

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, in_a_sentence(send))
        has_begun = False

        async def watched(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except ClientDisconnect:
            log.debug("%s %r: the client went before it had sent its question", scope["method"], scope["path"])
        except asyncio.CancelledError:  # what is not done when the time to stop is over
            if has_begun:
                return log.warning("%s %r was cut off, the server stops", scope["method"], scope["path"])
            await refuse(scope, receive, send, HTTPStatus.SERVICE_UNAVAILABLE, STOPPING)
        except Exception:
            if has_begun:
                raise  # half an answer cannot be mended: the server logs the fault and cuts the connection
            log.exception("%s %r failed", scope["method"], scope["path"])
            fault = f"a fault of ours; the log has the cause under {scope['state']['request_id']}"
            await refuse(scope, receive, send, HTTPStatus.INTERNAL_SERVER_ERROR, fault)
