"""One WebSocket connection, and what its end means to us."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Literal, Protocol
from urllib.parse import urlsplit

from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus, WebSocketException

from ingest.errors import SourceError
from ingest.frames import BatchConnection
from ingest.loopback import is_loopback
from ingest.pause import seconds_told

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

    async def batch(self) -> list[bytes]:
        """The frames that have arrived since the last call, at least one."""
        ...


Dial = Callable[[str], AbstractAsyncContextManager[Socket]]


@asynccontextmanager
async def dial(url: str) -> AsyncIterator[Socket]:
    """Connect to a stream; every failure, then and later, is a StreamLostError."""
    host = urlsplit(url).netloc
    proxy: Literal[True] | None = None if is_loopback(url) else True
    try:
        # No pings of ours: their answers would lie behind unread data, and the stream's silence is watched anyway.
        async with connect(
            url, compression=None, create_connection=BatchConnection, ping_interval=None, close_timeout=1, proxy=proxy
        ) as connection:
            assert isinstance(connection, BatchConnection)  # for the type checker: it is what we asked for
            yield connection
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
