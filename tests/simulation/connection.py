"""One stream connection, as bad as the faults of the seed make it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from ingest.dial import Socket, StreamLostError
from tests.simulation.garbage import garbage
from tests.simulation.process import PROCESS

if TYPE_CHECKING:
    from tests.simulation.exchange import Exchange

MOST_BUFFERED = 3000  # frames that are on the way to a client that does not read
SHUTDOWN = b'{"e":"serverShutdown","E":1}'
LONGEST_DELAY_SECONDS = 4.0
REFUSALS = (403, 418, 429, 451, 500, 502, 503)


class Connection:
    """Frames reach `batch` late, twice, in disorder or never, until the connection is cut or stalls."""

    def __init__(self, exchange: Exchange, url: str) -> None:
        self._exchange, self._url = exchange, url
        self._owner = PROCESS.get()
        self._frames: deque[bytes] = deque()
        self._news = asyncio.Event()
        self._loss: str | None = None
        self._stalls = False
        self._ready_at = 0.0  # frames keep their order

    @property
    def is_alive(self) -> bool:
        return self._loss is None and not (self._owner is not None and self._owner.is_dead)

    async def batch(self) -> list[bytes]:
        while not self._frames:
            if self._loss is not None:
                raise StreamLostError(f"{self._url}: {self._loss}")
            self._news.clear()
            await self._news.wait()
        count = self._exchange.random.choice(
            (1, self._exchange.random.randint(1, len(self._frames)), len(self._frames))
        )
        return [self._frames.popleft() for _ in range(count)]

    def send(self, frames: list[bytes]) -> None:
        """Put frames on their way."""
        exchange, faults, random = self._exchange, self._exchange.faults, self._exchange.random
        if self._stalls:
            return
        sent: list[bytes] = []
        for frame in frames:
            chance = random.random()
            if chance >= faults.drop_share:
                sent.append(frame)
            if chance < faults.duplicate_share:
                sent.append(frame)
            if random.random() < faults.garbage_share:
                sent.append(garbage(frame, random))
        if len(sent) > 1 and random.random() < faults.reorder_share * len(sent):
            place = random.randrange(len(sent) - 1)
            sent[place], sent[place + 1] = sent[place + 1], sent[place]
        delay = random.uniform(0.001, LONGEST_DELAY_SECONDS if random.random() < faults.delay_share else 0.05)
        self._ready_at = max(self._ready_at + 1e-6, exchange.loop.time() + delay)
        exchange.later(self._ready_at - exchange.loop.time(), lambda: self._arrive(sent))

    def cut(self, reason: str) -> None:
        """The connection ends; what has arrived can still be read."""
        if self._loss is None:
            self._exchange.trace.event("cut", reason)
        self._loss = self._loss or reason
        self._news.set()

    def stall(self) -> None:
        """Nothing comes any more, and nobody says so."""
        self._exchange.trace.event("stall")
        self._stalls = True

    def announce_end(self) -> None:
        self._exchange.trace.event("shutdown")
        self._arrive([SHUTDOWN])
        self._exchange.later(self._exchange.random.uniform(0.5, 10), lambda: self.cut("the server went"))

    def _arrive(self, frames: list[bytes]) -> None:
        if not self.is_alive or self._stalls:
            return
        self._frames.extend(frames)
        self._news.set()
        if len(self._frames) > MOST_BUFFERED:
            self.cut("the client reads too slowly")

    def plan(self) -> None:
        """Decide when it goes wrong, if it does."""
        random, faults = self._exchange.random, self._exchange.faults
        ends: dict[str, Callable[[], None]] = {
            "cut_rate": lambda: self.cut("cut"),
            "stall_rate": self.stall,
            "shutdown_rate": self.announce_end,
        }
        for name, end in ends.items():
            if (rate := getattr(faults, name)) > 0:
                self._exchange.later(random.expovariate(rate), partial(self._go_wrong, name, end))

    def _go_wrong(self, name: str, end: Callable[[], None]) -> None:
        if self.is_alive and getattr(self._exchange.faults, name) > 0:  # else the faults have ended meanwhile
            end()


def dialler(exchange: Exchange) -> Callable[[str], AbstractAsyncContextManager[Socket]]:
    """What a recorder connects with."""

    @asynccontextmanager
    async def dial(url: str) -> AsyncIterator[Socket]:
        random = exchange.random
        await asyncio.sleep(random.uniform(0.01, 0.3))
        if random.random() < exchange.faults.refuse_share:
            _refuse(exchange, random.choice(REFUSALS))
        connection = Connection(exchange, url)
        exchange.connections.append(connection)
        exchange.trace.event("connected")
        connection.plan()
        try:
            yield connection
        finally:
            connection.cut("closed by the client")

    return dial


def _refuse(exchange: Exchange, status: int) -> None:
    told = exchange.random.choice((0.0, 3.0, 20.0)) if status in (403, 418, 429) else 0.0
    exchange.trace.event("refused handshake", status)
    raise StreamLostError(f"answered {status}", locked_out=status in (403, 451), retry_after=told)
