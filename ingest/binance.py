"""The combined stream: connects, notices silence, comes back with patience, moves on when locked out."""

import asyncio
import logging
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from math import inf
from typing import Literal
from urllib.parse import urlsplit

from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus, WebSocketException

from ingest.errors import SourceError
from ingest.loopback import is_loopback

log = logging.getLogger(__name__)

FIRST_DELAY_SECONDS = 0.5
LONGEST_DELAY_SECONDS = 30.0  # the exchange allows 300 attempts in 5 minutes
FIRST_PAUSE_SECONDS = 1.0  # after an announced end
REPEATED_WITHIN_SECONDS = 60.0
FAILURES_BEFORE_MOVING_ON = 3
LOCKED_OUT = {403, 451}
QUEUED_FRAMES = 1024  # beyond this we stop reading, and the exchange feels it

Handle = Callable[[bytes, int], Awaitable[bool]]


class StreamLostError(SourceError):
    """The connection ended, or could not be made."""

    def __init__(self, reason: str, *, locked_out: bool = False) -> None:
        super().__init__(reason)
        self.locked_out = locked_out


class BinanceStream:
    """Frames of `@trade` and `@kline_1m` of all symbols, from the first address that serves us."""

    def __init__(self, urls: Sequence[str], symbols: Sequence[str], silence_seconds: float) -> None:
        self._urls = list(urls)
        self._names = "/".join(f"{symbol.lower()}@{kind}" for symbol in symbols for kind in ("trade", "kline_1m"))
        self._silence_seconds = silence_seconds
        self._failures = 0
        self._ends, self._ended_at = 0, -inf  # of connections, as the server announced them

    async def deliver(self, handle: Handle) -> None:
        """Pass every frame and its time of arrival to `handle`, for ever; its False asks for a new connection."""
        while True:
            try:
                await self._deliver_one_connection(handle)
                await self._pause()
            except StreamLostError as error:
                await self._recover(error)

    async def _deliver_one_connection(self, handle: Handle) -> None:
        async with aclosing(self._frames(f"{self._urls[0]}/stream?streams={self._names}")) as frames:
            async for frame, fetched_at in frames:
                self._failures = 0
                if not await handle(frame, fetched_at):
                    return

    async def _frames(self, url: str) -> AsyncGenerator[tuple[bytes, int], None]:
        """Frames of one connection with their arrival in microseconds. Raises StreamLostError at its end."""
        proxy: Literal[True] | None = None if is_loopback(url) else True
        try:
            async with connect(url, compression=None, max_queue=QUEUED_FRAMES, close_timeout=1, proxy=proxy) as socket:
                log.info("connected to %s", urlsplit(url).netloc)
                while True:
                    async with asyncio.timeout(self._silence_seconds):
                        frame = await socket.recv(decode=False)
                    yield frame, time.time_ns() // 1000
        except InvalidStatus as error:
            status = error.response.status_code
            raise StreamLostError(f"{url} answered {status}", locked_out=status in LOCKED_OUT) from error
        except TimeoutError as error:
            raise StreamLostError(f"{urlsplit(url).netloc} was silent for {self._silence_seconds:g} s") from error
        except (OSError, WebSocketException) as error:
            raise StreamLostError(f"{urlsplit(url).netloc}: {error}") from error

    async def _pause(self) -> None:
        """Wait a moment after an announced end, longer if one end follows the other."""
        repeated = time.monotonic() - self._ended_at < REPEATED_WITHIN_SECONDS
        self._ended_at, self._ends = time.monotonic(), self._ends + 1 if repeated else 1
        delay = random.uniform(0, min(FIRST_PAUSE_SECONDS * 2.0 ** min(self._ends - 1, 10), LONGEST_DELAY_SECONDS))
        log.info("the server announced its end, connecting anew in %.1f s", delay)
        await asyncio.sleep(delay)

    async def _recover(self, error: StreamLostError) -> None:
        """Wait, longer after each failure in a row; after several, or when locked out, turn to the next address."""
        self._failures += 1
        if error.locked_out or self._failures % FAILURES_BEFORE_MOVING_ON == 0:
            self._urls.append(self._urls.pop(0))
        longest = min(FIRST_DELAY_SECONDS * 2.0 ** min(self._failures - 1, 10), LONGEST_DELAY_SECONDS)
        delay = random.uniform(0, longest)  # jitter, so that many clients do not come back at one instant
        log.warning("stream lost: %s; connecting again in %.1f s", error, delay)
        await asyncio.sleep(delay)
