"""One WebSocket connection, and what its end means to us."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Literal, Protocol
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus, WebSocketException

from ingest.errors import SourceError
from ingest.loopback import is_loopback
from ingest.pause import seconds_told

QUEUED_FRAMES = 1024  # beyond this the library stops reading, and the exchange feels it
LOCKED_OUT = {403, 451}
TOLD_TO_WAIT = {403, 418, 429}


class StreamLostError(SourceError):
    """The connection ended, or could not be made.

    `locked_out`: this address will not serve us, try another one; `retry_after`: seconds that it asks for.
    """

    def __init__(self, reason: str, *, locked_out: bool = False, retry_after: float = 0.0) -> None:
        super().__init__(reason)
        self.locked_out, self.retry_after = locked_out, retry_after


class Socket(Protocol):
    """What the stream needs of a connection. Raises StreamLostError at its end."""

    async def recv(self) -> bytes: ...


Dial = Callable[[str], AbstractAsyncContextManager[Socket]]


class WebSocket:
    """Frames as bytes, without a wrapper's cost for each of them."""

    def __init__(self, connection: ClientConnection) -> None:
        self.recv: Callable[[], Awaitable[bytes]] = partial(connection.recv, decode=False)  # type: ignore[assignment]  # overloaded


@asynccontextmanager
async def dial(url: str) -> AsyncIterator[Socket]:
    """Connect to a stream; every failure, then and later, is a StreamLostError."""
    host = urlsplit(url).netloc
    proxy: Literal[True] | None = None if is_loopback(url) else True
    try:
        async with connect(url, compression=None, max_queue=QUEUED_FRAMES, close_timeout=1, proxy=proxy) as connection:
            yield WebSocket(connection)  # type: ignore[misc]
    except InvalidStatus as error:
        raise _refusal(host, error) from error
    except TimeoutError as error:
        raise StreamLostError(f"{host} did not answer in time") from error
    except (OSError, WebSocketException) as error:
        raise StreamLostError(f"{host}: {error}") from error


def _refusal(host: str, error: InvalidStatus) -> StreamLostError:
    status, told = error.response.status_code, error.response.headers.get("Retry-After")
    patience = seconds_told(told) if status in TOLD_TO_WAIT and told is not None else 0.0
    said = f"{host} answered {status}" + (f" and asks for {patience:.0f} s of patience" if patience else "")
    if status == 451:
        said += ": it does not serve this country"
    return StreamLostError(said, locked_out=status in LOCKED_OUT, retry_after=patience)
