"""The combined stream: connects, notices silence, comes back with patience, moves on when locked out."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlsplit

from ingest.dial import StreamLostError
from ingest.inbox import Connection, Inbox
from ingest.world import World

log = logging.getLogger(__name__)

KINDS = ("trade", "kline_1m", "kline_1d")
FIRST_DELAY_SECONDS = 0.5
LONGEST_DELAY_SECONDS = 30.0  # the exchange allows 300 attempts in 5 minutes
STEADY_SECONDS = 5.0  # data for this long, and the next failure counts as the first
FAILURES_BEFORE_MOVING_ON = 3
RENEW_AGAIN_SECONDS = 60.0  # after a new connection could not be made beside the old one
RENEWAL_SPREAD_SECONDS = 600.0

Handle = Callable[[Sequence[bytes], int], Awaitable[bool]]  # frames that came together, and when


class BinanceStream:
    """Frames of `@trade`, `@kline_1m` and `@kline_1d` of all symbols, from the first address that serves us."""

    def __init__(
        self, urls: Sequence[str], symbols: Sequence[str], silence_seconds: float, renew_seconds: float, world: World
    ) -> None:
        self._urls, self._world = list(urls), world
        self._names = "/".join(f"{symbol.lower()}@{kind}" for symbol in symbols for kind in KINDS)
        self._silence_seconds, self._renew_seconds = silence_seconds, renew_seconds
        self._failures = 0
        self._not_before: dict[str, float] = {}  # by address: what it asked for, by the event loop's clock

    async def deliver(self, handle: Handle) -> None:
        """Pass every frame to `handle`, in batches, for ever; its False says that the server is about to go."""
        while True:
            loss = await self._deliver_until_lost(handle)
            await self._recover(loss)

    async def _deliver_until_lost(self, handle: Handle) -> StreamLostError:
        inbox = Inbox()
        line = Line(self._connect(inbox), self._renewal())
        try:
            while True:
                loss = await self._wait(inbox)
                for frames, arrived_at in inbox.take():
                    line.ends |= not await handle(frames, arrived_at)
                if loss is None:
                    loss = await line.watch(lambda: self._connect(inbox))
                if line.current.age() > STEADY_SECONDS and line.current.count_frames:
                    self._failures = 0
                if loss is not None and not inbox.arrivals:
                    return loss
        finally:
            await line.close()

    def _connect(self, inbox: Inbox) -> Connection:
        url = f"{self._urls[0]}/stream?streams={self._names}"
        return Connection(url, self._world.dial, inbox, self._world.microseconds)

    def _renewal(self) -> float:
        """Seconds after which a connection is renewed: a little different each time, so that clients spread out."""
        return self._renew_seconds - self._world.random.uniform(0, min(RENEWAL_SPREAD_SECONDS, self._renew_seconds / 2))

    async def _wait(self, inbox: Inbox) -> StreamLostError | None:
        """Wait for news; silence is a loss."""
        try:
            async with asyncio.timeout(self._silence_seconds):
                await inbox.news.wait()
        except TimeoutError:
            return StreamLostError(f"{urlsplit(self._urls[0]).netloc} was silent for {self._silence_seconds:g} s")
        return None

    async def _recover(self, loss: StreamLostError) -> None:
        """Wait, longer after each failure in a row; after several, or when locked out, turn to the next address."""
        now = asyncio.get_running_loop().time()
        self._not_before[self._urls[0]] = now + loss.retry_after
        self._failures += 1
        moves_on = loss.locked_out or self._failures % FAILURES_BEFORE_MOVING_ON == 0
        if moves_on:
            self._urls.append(self._urls.pop(0))
        longest = min(FIRST_DELAY_SECONDS * 2.0 ** min(self._failures - 1, 10), LONGEST_DELAY_SECONDS)
        delay = self._world.random.uniform(0, longest)  # jitter, so that many clients do not come back at one instant
        delay = max(delay, self._not_before.get(self._urls[0], now) - now)
        log.warning("stream lost: %s; connecting to %s in %.1f s", loss, urlsplit(self._urls[0]).netloc, delay)
        await asyncio.sleep(delay)


class Line:
    """The connection that serves us and, when its end is near, the one that takes over: made before the old breaks."""

    def __init__(self, current: Connection, renew_after: float) -> None:
        self.current = current
        self.ends = False  # the server said so
        self._next: Connection | None = None
        self._renew_after = renew_after
        self._not_before = 0.0  # of the next try, by the event loop's clock

    async def watch(self, connect: Callable[[], Connection]) -> StreamLostError | None:
        """Renew what grows old, follow what is lost. Returns the loss when nothing is left."""
        await self._follow()
        if self._next is None and (self.ends or self.current.age() > self._renew_after):
            self._renew(connect)
        loss = self.current.loss
        if loss is None or self._next is None:
            return loss
        log.info("the old connection ended while a new one was being made: %s", loss)
        self.current, self._next = self._next, None
        return None

    def _renew(self, connect: Callable[[], Connection]) -> None:
        now = asyncio.get_running_loop().time()
        if now < self._not_before or self.current.loss is not None:
            return
        why = "the server is about to go" if self.ends else f"the connection is {self.current.age():.0f} s old"
        log.info("%s: making a new one beside it", why)
        self._not_before = now + RENEW_AGAIN_SECONDS
        self._next, self.ends = connect(), False

    async def _follow(self) -> None:
        """Turn to the new connection once frames come from it; forget it if it failed."""
        if self._next is None:
            return
        if (loss := self._next.loss) is not None:
            log.warning("no new connection beside the old one: %s", loss)
            self._not_before = max(self._not_before, asyncio.get_running_loop().time() + loss.retry_after)
            self._next = None
        elif self._next.count_frames:
            old, self.current, self._next = self.current, self._next, None
            await old.close()
            log.info("turned to the new connection")

    async def close(self) -> None:
        for connection in (self.current, self._next):
            if connection is not None:
                await connection.close()
