"""One look a second for all clients of a channel."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import TypeVar

import duckdb

from api.feed.channel import Channel, Look
from api.feed.client import Client
from api.feed.frames import Event, Press, changes
from api.feed.news import news
from api.feed.position import Position
from api.feed.reader import Reader
from quant.errors import QuantError
from quant.settings.api import Stream

log = logging.getLogger(__name__)
T = TypeVar("T")
UNREADABLE = (duckdb.Error, QuantError, OSError)


@dataclass(frozen=True)
class Tools:
    """What all pollers share. `counts` is what telemetry shows."""

    reader: Reader
    settings: Stream
    demo: bool
    executor: Executor  # one thread: however many channels there are, looking costs no more than that
    counts: Counter[str]

    async def aside(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self.executor, work)


@dataclass(eq=False)
class Poller:
    """Runs from its first client to its last. `position` is how far it has told; a client joins exactly there."""

    channel: Channel
    tools: Tools
    clients: set[Client] = field(default_factory=set)
    position: Position = field(default_factory=Position)
    look: Look | None = None
    problem: str | None = None
    _asked_at: float = 0.0

    def __post_init__(self) -> None:
        self.press = Press(self.channel, self.tools.demo)
        self._lock = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def ready(self) -> Look:
        """The newest look; the first one is made here, and raises what keeps it from being made."""
        async with self._lock:
            if self.look is None:
                look = await self._look(None, None, is_due=True)
                self.look, self.position = look, look.position(self.channel)
            if self._task is None:
                self._task = asyncio.create_task(self._run())
                self._task.add_done_callback(self._ended)
            return self.look

    @property
    def is_broken(self) -> bool:
        return self._task is not None and self._task.done()

    def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _ended(self, task: asyncio.Task[None]) -> None:
        """A fault of ours must not leave clients behind that hear heartbeats alone: they come back and begin anew."""
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("stream of %s broke off", self.channel.symbol, exc_info=error)
            for client in self.clients:
                client.end()

    async def _run(self) -> None:
        seconds = self.tools.settings.poll_seconds
        while True:
            await asyncio.sleep(seconds - time.monotonic() % seconds)  # all at the same time: they share what is read
            try:
                await self.poll()
            except UNREADABLE as error:
                self._fail(error)

    async def poll(self) -> None:
        """Look once, and tell the clients what is new. Raises UNREADABLE."""
        assert self.look is not None
        is_due = bool(self.problem) or time.monotonic() - self._asked_at >= self.tools.settings.quiet_seconds
        look = await self._look(self.position, self.look, is_due=is_due)
        found = list(news(self.channel, self.position, look, self.tools.settings.resume_rows))
        for event in changes(self.press, self.look, look, self.position, found):
            self._tell(event)
        self.look = look
        self.position = found[-1].position if found else self.position
        if self.problem:
            log.info("stream of %s goes on", self.channel.symbol)
            self.problem = None

    async def _look(self, position: Position | None, before: Look | None, *, is_due: bool) -> Look:
        started = time.monotonic()
        look = await self.tools.aside(lambda: self.tools.reader.look(self.channel, position, before, is_due))
        if is_due or before is None or before.build_id != look.build_id:
            self._asked_at = started
        self.tools.counts["looks"] += 1
        self.tools.counts["look_milliseconds"] += round((time.monotonic() - started) * 1000)
        return look

    def _tell(self, event: Event) -> None:
        for client in self.clients:
            client.tell(event)

    def _fail(self, error: Exception) -> None:
        """Said once for each reason; the stream stays open and goes on when the build can be read again."""
        reason = str(error).partition("\n")[0]
        if reason == self.problem:
            return
        self.problem = reason
        log.warning("stream of %s has nothing to tell: %s", self.channel.symbol, reason)
        self.tools.counts["failures"] += 1
        self._tell(self.failure())

    def failure(self) -> Event:
        build_id = self.look.build_id if self.look else None
        row = {"detail": f"nothing new can be read, the stream goes on when it can: {self.problem}"}
        return self.press.event("error", build_id, self.position, row)

    def farewell(self) -> Event:
        build_id = self.look.build_id if self.look else None
        row = {"detail": "the server ends: come back with the last id"}
        return self.press.event("bye", build_id, None, row)  # events may wait that it will not get any more

    async def missed(self, known: Position, until: Position) -> list[Event]:
        """What lies between what a client knows and where it joined."""
        look = await self.tools.aside(lambda: self.tools.reader.since(self.channel, known))
        return list(self._pressed(look, known, until))

    def _pressed(self, look: Look, known: Position, until: Position) -> Iterator[Event]:
        for item in news(self.channel, known, look, self.tools.settings.resume_rows, until):
            yield self.press.news(look.build_id, item)
