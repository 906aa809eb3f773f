"""One client of a stream: what waits for it, within bounds."""

import asyncio
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field

from api.feed.frames import CHOSEN, Event
from api.feed.position import Position
from quant.settings.api import Stream


@dataclass(eq=False)
class Client:
    """Filled by the poller of its channel, emptied by its connection."""

    address: str
    chosen: Collection[str]
    limits: Stream
    known: Position = field(default_factory=Position)  # what it knew when it came: not told again
    waiting: deque[Event] = field(default_factory=deque)
    size: int = 0
    is_over: bool = False  # nothing more comes: the server ends
    is_slow: bool = False  # more waits than may: to be cut off
    _is_awake: asyncio.Event = field(default_factory=asyncio.Event)

    def wants(self, event: Event) -> bool:
        if event.name in CHOSEN and event.name not in self.chosen:
            return False
        return event.news is None or not event.news.is_known_at(self.known)

    def tell(self, event: Event) -> None:
        if not self.wants(event) or self.is_slow:
            return
        self.waiting.append(event)
        self.size += len(event.frame)
        self.is_slow = len(self.waiting) > self.limits.queue_events or self.size > self.limits.queue_kilobytes * 1024
        if self.is_slow:
            self.waiting.clear()
        self._is_awake.set()

    def end(self) -> None:
        self.is_over = True
        self._is_awake.set()

    async def next(self, seconds: float) -> Event | None:
        """The next one; None if none comes in time, or no more."""
        if not self.waiting and not self.is_over and not self.is_slow:
            self._is_awake.clear()
            try:
                async with asyncio.timeout(seconds):
                    await self._is_awake.wait()
            except TimeoutError:
                return None
        if not self.waiting:
            return None
        event = self.waiting.popleft()
        self.size -= len(event.frame)
        return event
