"""Trades that were filled into hours before the boundary: readers see them when they are closed, so we close them."""

import asyncio
import threading
from datetime import UTC, datetime
from pathlib import Path

from ingest.compaction import close_late
from ingest.disk import LOCAL_DISK, Disk
from ingest.errors import BusyError


def hour_of(minute: int) -> datetime:
    """The begin of the hour of a minute that is counted from 1970 UTC."""
    return datetime.fromtimestamp(minute // 60 * 3600, UTC)


class LateRows:
    """Closes late hours in a thread of its own, while the recorder goes on."""

    def __init__(self, root: Path, disk: Disk = LOCAL_DISK) -> None:
        self._root, self._disk = root, disk
        self._hours: set[datetime] = set()
        self._lock = threading.Lock()
        self._task: asyncio.Task[None] | None = None

    def add(self, hours: set[datetime]) -> None:
        """Remember hours to close; the writing thread may call this."""
        with self._lock:
            self._hours |= hours

    def start(self) -> None:
        """Close what was added, unless the last call is still at it. Raises what went wrong with the last call."""
        if self._task is not None:
            if not self._task.done():
                return
            task, self._task = self._task, None
            if not task.cancelled():
                task.result()
        if self._hours:
            self._task = asyncio.ensure_future(self._close())

    async def settle(self) -> None:
        """Wait for what runs, and close what was added since; what a compaction keeps us from is left to it."""
        if self._task is not None:
            await self._task
        self.start()
        if self._task is not None:
            await self._task

    async def _close(self) -> None:
        with self._lock:
            hours, self._hours = self._hours, set()
        try:
            await asyncio.to_thread(close_late, self._root, hours, self._disk)
        except BusyError:  # a compaction runs, and may have passed these hours already: the next flush tries again
            self.add(hours)
        except BaseException:  # a full disk, say, or told to stop: they are still to be closed
            self.add(hours)
            raise
