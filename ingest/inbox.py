"""Frames between the sockets and the recorder: few, in order, and a full inbox stops the reading."""

import asyncio
import logging
from collections.abc import Callable
from urllib.parse import urlsplit

from ingest.dial import Dial, Socket, StreamLostError

Arrival = tuple[list[bytes], int]  # frames that came together, and when: microseconds since 1970

MOST_FRAMES = 4096

log = logging.getLogger(__name__)


class Inbox:
    """What arrived and was not taken yet."""

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self.count_frames = 0
        self.news = asyncio.Event()  # frames are here, or a connection ended
        self.room = asyncio.Event()
        self.room.set()

    def put(self, frames: list[bytes], at: int) -> None:
        """Frames that came together."""
        self.arrivals.append((frames, at))
        self.count_frames += len(frames)
        self.news.set()
        if self.count_frames >= MOST_FRAMES:
            self.room.clear()

    def take(self) -> list[Arrival]:
        """All frames, in the order of their arrival."""
        arrivals, self.arrivals, self.count_frames = self.arrivals, [], 0
        self.news.clear()
        self.room.set()
        return arrivals


class Connection:
    """One socket that is read into the inbox by a task of its own until it ends."""

    def __init__(self, url: str, dial: Dial, inbox: Inbox, microseconds: Callable[[], int]) -> None:
        self.url, self.count_frames = url, 0
        self._dial, self._inbox, self._microseconds = dial, inbox, microseconds
        self.connected_at: float | None = None  # by the event loop's clock
        self._task = asyncio.ensure_future(self._read())
        self._task.add_done_callback(lambda task: inbox.news.set())

    @property
    def loss(self) -> StreamLostError | None:
        """Why it ended; None while it lives."""
        if not self._task.done():
            return None
        error = None if self._task.cancelled() else self._task.exception()
        if error is not None and not isinstance(error, StreamLostError):
            raise error
        return error or StreamLostError(f"{self.url}: closed")

    def age(self) -> float:
        """Seconds since the connection stood; 0 before."""
        return 0.0 if self.connected_at is None else asyncio.get_running_loop().time() - self.connected_at

    async def close(self) -> None:
        """End it, whatever state it is in."""
        self._task.cancel()
        await asyncio.wait({self._task})
        if not self._task.cancelled():
            self._task.exception()  # it is lost either way

    async def _read(self) -> None:
        async with self._dial(self.url) as socket:
            self.connected_at = asyncio.get_running_loop().time()
            log.info("connected to %s", urlsplit(self.url).netloc)
            await self._read_frames(socket)

    async def _read_frames(self, socket: Socket) -> None:
        while True:
            frames = await socket.batch()
            self._inbox.put(frames, self._microseconds())
            self.count_frames += len(frames)
            await self._inbox.room.wait()
